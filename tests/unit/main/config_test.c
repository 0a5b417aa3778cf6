#include "main/config.h"

#include <unistd.h>

#include "core/error.h"
#include "core/log.h"
#include "tests/unit/test.h"

/* Loads what must be right; the caller frees it. */
static config_t load(const char *text)
{
    config_t config;
    strbuf_t errors = {0};
    int code = config_load(slice_of(text), "c.yaml", &config, &errors);
    if (code != 0)
        fail_msg("%.*s", SLICE_ARG(strbuf_slice(&errors)));
    assert_int_equal(errors.len, 0);
    return config;
}

/* Loads what must be wrong, and compares the messages. */
static void expect_errors(const char *text, const char *messages)
{
    config_t config, untouched;
    strbuf_t errors = {0};
    memset(&config, 0x5a, sizeof(config));
    memcpy(&untouched, &config, sizeof(config));
    assert_int_equal(config_load(slice_of(text), "c.yaml", &config, &errors), GW_EPARSE);
    strbuf_add_char(&errors, '\0');
    assert_string_equal(errors.base, messages);
    assert_memory_equal(&config, &untouched, sizeof(config));
    strbuf_fini(&errors);
}

static void test_an_empty_file_gives_the_defaults(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "# nothing\n", "---\n", "{}\n", "log:\n"};
    config_t defaults;
    config_defaults(&defaults);
    assert_int_equal(defaults.dataplane_traffic_port, 10080);
    assert_int_equal(defaults.dataplane_drain_period, 30000000000);
    assert_int_equal(defaults.dataplane_http_max_header_bytes, 65536);
    assert_slice(defaults.dataplane_access_log_path, "stdout");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        config_t config = load(texts[i]);
        assert_int_equal(config.controlplane_metrics_port, 18082);
        assert_int_equal(config.log_format, LOG_FORMAT_JSON);
        assert_true(config.dataplane_access_log_enabled);
        config_fini(&config);
    }
    config_fini(&defaults);
}

static void test_values_of_all_types(void **state)
{
    (void)state;
    config_t config = load("log: {level: 'warn,router=debug', format: text}\n"
                           "runtime: {workers: 4}\n"
                           "dataplane:\n"
                           "  node_id: \"node-1\"\n"
                           "  admin: {address: '::1', token: s3cret}\n"
                           "  drain: {delay: 250ms, period: 1h30m}\n"
                           "  access_log: {enabled: false, sample_rate: 0.25, buffer: 65536}\n"
                           "  http: {max_header_bytes: 1MiB, max_target_bytes: 4KiB}\n");
    assert_slice(config.log_level, "warn,router=debug");
    assert_int_equal(config.log_format, LOG_FORMAT_TEXT);
    assert_int_equal(config.runtime_workers, 4);
    assert_slice(config.dataplane_node_id, "node-1");
    assert_slice(config.dataplane_admin_address, "::1");
    assert_slice(config.dataplane_admin_token, "s3cret");
    assert_int_equal(config.dataplane_drain_delay, 250000000);
    assert_int_equal(config.dataplane_drain_period, 5400000000000);
    assert_false(config.dataplane_access_log_enabled);
    assert_true(config.dataplane_access_log_sample_rate == 0.25);
    assert_int_equal(config.dataplane_access_log_buffer, 65536);
    assert_int_equal(config.dataplane_http_max_header_bytes, 1 << 20);
    assert_int_equal(config.dataplane_http_max_target_bytes, 4096);
    config_fini(&config);
}

static void test_texts_belong_to_the_config(void **state)
{
    (void)state;
    char text[] = "dataplane: {node_id: abc}";
    config_t config = load(text);
    memset(text, 'x', sizeof(text));
    assert_slice(config.dataplane_node_id, "abc");
    assert_int_equal(config.dataplane_node_id.base[3], '\0');
    config_fini(&config);
}

static void test_an_unknown_key_is_named_with_what_was_meant(void **state)
{
    (void)state;
    expect_errors("log:\n  levle: info\n",
                  "c.yaml:2: unknown key \"log.levle\"; did you mean log.level?\n");
    expect_errors("dataplane:\n  upstream:\n    connectTimeout: 5s\n",
                  "c.yaml:3: unknown key \"dataplane.upstream.connectTimeout\"; did you mean "
                  "dataplane.upstream.connect_timeout?\n");
    expect_errors("drain: {delay: 5s}\n", "c.yaml:1: unknown key \"drain\"\n");
    expect_errors("dataplane:\n  sample_rate: 1\n",
                  "c.yaml:2: unknown key \"dataplane.sample_rate\"; did you mean "
                  "dataplane.access_log.sample_rate?\n");
    expect_errors("\n\nquite_another:\n  thing:\n    here: 1\n",
                  "c.yaml:3: unknown key \"quite_another\"\n");
    expect_errors("log.level: info\n",
                  "c.yaml:1: unknown key \"log.level\"; did you mean log.level?\n");
    expect_errors("\"a\\nb\": 1\n", "c.yaml:1: unknown key \"a\\nb\"\n");
}

static void test_a_wrong_type_is_named_with_key_and_line(void **state)
{
    (void)state;
    expect_errors("runtime:\n  workers: four\n",
                  "c.yaml:2: runtime.workers: must be a whole number, not \"four\"\n");
    expect_errors("dataplane: {drain: {delay: 5}}\n",
                  "c.yaml:1: dataplane.drain.delay: must be a time with a unit, such as 250ms, 5s "
                  "or 1h30m, not \"5\"\n");
    expect_errors("dataplane: {access_log: {enabled: 1}}\n",
                  "c.yaml:1: dataplane.access_log.enabled: must be true or false, not \"1\"\n");
    expect_errors("dataplane: {node_id: 17}\n",
                  "c.yaml:1: dataplane.node_id: must be a string in quotes, not \"17\"\n");
    expect_errors("dataplane: {http: {max_header_bytes: 64kb}}\n",
                  "c.yaml:1: dataplane.http.max_header_bytes: must be a size, such as 4096, 64KiB "
                  "or 1MiB, not \"64kb\"\n");
    expect_errors("dataplane: {admin: {address: localhost}}\n",
                  "c.yaml:1: dataplane.admin.address: must be an IP address, not \"localhost\"\n");
    expect_errors("log: {format: xml}\n",
                  "c.yaml:1: log.format: must be one of json, text, not \"xml\"\n");
    expect_errors("log:\n  level: loud\n",
                  "c.yaml:2: log.level: cannot be set: \"loud\" is no level; there are off, error, "
                  "warn, info, debug and trace\n");
    expect_errors("log: [1, 2]\n", "c.yaml:1: \"log\" must be a section of keys, not a list\n");
    expect_errors("log: {level: {a: 1}}\n", "c.yaml:1: log.level: must be log levels, such as "
                                            "\"info,connection=trace\", not a map of fields\n");
    expect_errors("log:\n  level:\n", "c.yaml:2: log.level: has no value\n");
    expect_errors("- 1\n", "c.yaml:1: must be sections of keys\n");
}

static void test_limits_are_named(void **state)
{
    (void)state;
    expect_errors("runtime: {workers: 63}\n",
                  "c.yaml:1: runtime.workers: must be from 0 to 62, not \"63\"\n");
    expect_errors("runtime: {workers: -1}\n",
                  "c.yaml:1: runtime.workers: must be a whole number, not \"-1\"\n");
    expect_errors("dataplane: {upstream: {connect_timeout: 11m}}\n",
                  "c.yaml:1: dataplane.upstream.connect_timeout: must be from 1ms to 10m, not "
                  "\"11m\"\n");
    expect_errors("dataplane: {http: {max_header_bytes: 99999999GiB}}\n",
                  "c.yaml:1: dataplane.http.max_header_bytes: must be from 1KiB to 1MiB, not "
                  "\"99999999GiB\"\n");
    expect_errors("dataplane: {http: {max_header_bytes: 99999999999GiB}}\n",
                  "c.yaml:1: dataplane.http.max_header_bytes: must be a size, such as 4096, 64KiB "
                  "or 1MiB, not \"99999999999GiB\"\n");
    expect_errors("dataplane: {access_log: {sample_rate: 1.01}}\n",
                  "c.yaml:1: dataplane.access_log.sample_rate: must be a number from 0 to 1, not "
                  "\"1.01\"\n");
}

static void test_all_errors_are_reported_up_to_a_limit(void **state)
{
    (void)state;
    expect_errors("runtime:\n  workers: x\nlog:\n  format: y\n",
                  "c.yaml:2: runtime.workers: must be a whole number, not \"x\"\n"
                  "c.yaml:4: log.format: must be one of json, text, not \"y\"\n");
    strbuf_t text = {0}, errors = {0};
    config_t config;
    size_t lines = 0;
    for (int i = 0; i < 1000; i++)
        strbuf_printf(&text, "key%d: 1\n", i);
    assert_int_equal(config_load(strbuf_slice(&text), "f", &config, &errors), GW_EPARSE);
    for (size_t i = 0; i < errors.len; i++)
        lines += errors.base[i] == '\n';
    assert_int_equal(lines, CONFIG_ERRORS_MAX);
    strbuf_fini(&text);
    strbuf_fini(&errors);
}

static void test_what_is_no_yaml_or_means_too_much_is_refused(void **state)
{
    (void)state;
    expect_errors("log: {level: info", "c.yaml:2: did not find expected ',' or '}' while parsing a "
                                       "flow mapping\n");
    expect_errors("log: &a {level: info}\n", "c.yaml:1: anchors and aliases are not allowed\n");
    expect_errors("log: {level: info, level: warn}\n",
                  "c.yaml:1: the key \"level\" stands twice in one map\n");
    expect_errors("log: {level: info}\n---\nlog: {level: warn}\n",
                  "c.yaml:3: a second document; there must be one\n");
}

static void test_a_secret_is_in_no_message(void **state)
{
    (void)state;
    expect_errors("dataplane: {admin: {token: 12345678}}\n",
                  "c.yaml:1: dataplane.admin.token: must be a string in quotes\n");
    expect_errors("dataplane: {admin: {token: [hunter2]}}\n",
                  "c.yaml:1: dataplane.admin.token: must be a string in quotes\n");
    expect_errors("dataplane: {admin: {token: hunter2, token_file: /run/token}}\n",
                  "c.yaml: dataplane.admin.token: must not be set together with token_file\n");
}

static void test_two_sockets_cannot_have_one_port(void **state)
{
    (void)state;
    expect_errors("dataplane: {traffic: {port: 18082}}\n",
                  "c.yaml: controlplane.metrics.port: is the same as dataplane.traffic.port\n");
    config_t config = load("dataplane: {traffic: {port: 0}, admin: {port: 0}}\n");
    assert_int_equal(config.dataplane_admin_port, 0);
    config_fini(&config);
}

static void test_a_file(void **state)
{
    (void)state;
    char path[] = "/tmp/config_test.XXXXXX";
    strbuf_t errors = {0};
    config_t config;
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "log: {level: warn}\n", 19), 19);
    assert_int_equal(config_load_file(path, &config, &errors), 0);
    assert_slice(config.log_level, "warn");
    config_fini(&config);
    assert_int_equal(ftruncate(fd, CONFIG_FILE_MAX + 1), 0);
    assert_int_equal(config_load_file(path, &config, &errors), GW_ELIMIT);
    close(fd);
    unlink(path);
    errors.len = 0;
    assert_int_equal(config_load_file("/nowhere/c.yaml", &config, &errors), GW_EIO);
    assert_slice(strbuf_slice(&errors),
                 "/nowhere/c.yaml: cannot be read: No such file or directory\n");
    strbuf_fini(&errors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_file_gives_the_defaults),
        cmocka_unit_test(test_values_of_all_types),
        cmocka_unit_test(test_texts_belong_to_the_config),
        cmocka_unit_test(test_an_unknown_key_is_named_with_what_was_meant),
        cmocka_unit_test(test_a_wrong_type_is_named_with_key_and_line),
        cmocka_unit_test(test_limits_are_named),
        cmocka_unit_test(test_all_errors_are_reported_up_to_a_limit),
        cmocka_unit_test(test_what_is_no_yaml_or_means_too_much_is_refused),
        cmocka_unit_test(test_a_secret_is_in_no_message),
        cmocka_unit_test(test_two_sockets_cannot_have_one_port),
        cmocka_unit_test(test_a_file),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
