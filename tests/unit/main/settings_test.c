#include "core/error.h"
#include "main/settings.h"
#include "tests/unit/test.h"

typedef struct fixture {
    config_t config;
    settings_t settings;
} fixture_t;

/* Fills the settings from the text of a configuration. */
static void fill(fixture_t *f, const char *text)
{
    strbuf_t error = {0};
    assert_int_equal(config_load(slice_of(text), "test", &f->config, &error), 0);
    assert_int_equal(settings_fill(&f->settings, &f->config, &error), 0);
    strbuf_fini(&error);
}

static void test_the_defaults_are_usable(void **state)
{
    (void)state;
    fixture_t f;
    fill(&f, "");
    assert_true(f.settings.runtime.workers >= 1);
    assert_int_equal(net_port(&f.settings.dataplane_admin.address), 19080);
    assert_true(net_loopback(&f.settings.dataplane_admin.address));
    assert_int_equal(f.settings.translator.options.http_port, 10080);
    assert_true(f.settings.translator.options.allow_loopback);
    assert_int_equal(f.settings.translator.options.request_timeout_ms, 0);
    assert_int_equal(f.settings.router.response_timeout_ms, 30000);
    assert_true(f.settings.connection.access_log);
    assert_int_equal(f.settings.connection.access_log_sample, 1);
    assert_null(f.settings.access_log.path);
    assert_null(f.settings.dataplane_admin.token);
    config_fini(&f.config);
}

static void test_what_is_configured_reaches_the_actors(void **state)
{
    (void)state;
    fixture_t f;
    fill(&f, "runtime: {workers: 3}\n"
             "dataplane:\n"
             "  drain: {delay: 2s, period: 7s}\n"
             "  access_log: {sample_rate: 0.25, path: access, buffer: 384KiB}\n"
             "  metrics: {collect_timeout: 250ms}\n"
             "  http: {max_headers: 17, request_timeout: 9s}\n"
             "  admin: {token: secret}\n");
    assert_int_equal(f.settings.runtime.workers, 3);
    assert_int_equal(f.settings.stop.drain_delay_ms, 2000);
    assert_int_equal(f.settings.drain_ms, 7000);
    assert_int_equal(f.settings.connection.access_log_sample, 4);
    assert_int_equal(f.settings.connection.access_log_window, 2); /* of 64 KiB, each worker */
    assert_int_equal(f.settings.metrics.collect_timeout_ms, 250);
    assert_string_equal(f.settings.access_log.path, "access");
    assert_int_equal(f.settings.connection.limits.field_count, 17);
    assert_int_equal(f.settings.translator.options.request_timeout_ms, 9000);
    assert_string_equal(f.settings.dataplane_admin.token, "secret");
    assert_null(f.settings.controlplane_admin.token);
    config_fini(&f.config);
}

static void test_a_traffic_port_of_0_is_chosen_once(void **state)
{
    (void)state;
    fixture_t f;
    fill(&f, "dataplane: {traffic: {address: 127.0.0.1, port: 0}}\n");
    assert_int_not_equal(f.settings.translator.options.http_port, 0);
    config_fini(&f.config);
}

static void test_ports_of_our_own_are_not_for_listeners(void **state)
{
    (void)state;
    fixture_t f;
    fill(&f, "dataplane: {admin: {port: 9999}}\n");
    assert_int_equal(f.settings.translator.options.taken[0], 9999);
    assert_int_equal(f.settings.translator.options.taken_count, FIXED_PORTS);
    config_fini(&f.config);
}

static void test_no_time_for_draining_is_a_short_time(void **state)
{
    (void)state;
    fixture_t f;
    fill(&f, "dataplane: {drain: {delay: 0s, period: 0s}}\n");
    assert_int_equal(f.settings.drain_ms, 1); /* 0 would be the supervisor's default */
    config_fini(&f.config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_defaults_are_usable),
        cmocka_unit_test(test_what_is_configured_reaches_the_actors),
        cmocka_unit_test(test_a_traffic_port_of_0_is_chosen_once),
        cmocka_unit_test(test_ports_of_our_own_are_not_for_listeners),
        cmocka_unit_test(test_no_time_for_draining_is_a_short_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
