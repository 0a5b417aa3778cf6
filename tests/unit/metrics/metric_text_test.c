#include "metrics/metric_text.h"

#include "tests/unit/test.h"

typedef struct fixture {
    metric_set_t *set;
    strbuf_t text;
} fixture_t;

static int setup(void **state)
{
    static fixture_t fixture;
    fixture = (fixture_t){.set = metric_set_new()};
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    fixture_t *f = *state;
    metric_set_free(f->set);
    strbuf_fini(&f->text);
    return 0;
}

/* Prints and NUL-terminates. */
static const char *expose(fixture_t *f, unsigned planes)
{
    f->text.len = 0;
    metrics_expose(f->set, planes, &f->text);
    strbuf_add_char(&f->text, '\0');
    return f->text.base;
}

#define DP "nantian_gateway_dataplane_"

static const slice_t edge[] = {{"l", 1}, {"r", 1}, {"b\"1", 3}};
#define EDGE "listener=\"l\",route=\"r\",backend=\"b\\\"1\""

static void test_counters_and_gauges(void **state)
{
    fixture_t *f = *state;
    http_series_t *http = named_HTTP(f->set, edge);
    http->requests = 18446744073709551615u;
    http->active = -3;
    const char *text = expose(f, METRIC_DATAPLANE_ONLY);
    assert_non_null(strstr(text, "# HELP " DP "http_requests_total Requests that ended: answered, "
                                 "or given up by the client.\n"
                                 "# TYPE " DP "http_requests_total counter\n" DP
                                 "http_requests_total{" EDGE "} 18446744073709551615\n"));
    assert_non_null(strstr(text, "# TYPE " DP "http_responses_active gauge\n" DP
                                 "http_responses_active{" EDGE "} -3\n"));
    assert_non_null(strstr(text, DP "http_request_bytes_total{" EDGE "} 0\n"));
}

static void test_a_split_prints_what_counted(void **state)
{
    fixture_t *f = *state;
    http_series_t *http = named_HTTP(f->set, edge);
    http->responses[METRIC_STATUS_CLASS(204)] = 5;
    http->responses[METRIC_STATUS_CLASS(599)] = 1;
    const char *text = expose(f, METRIC_DATAPLANE_ONLY);
    assert_non_null(strstr(text, "counter\n" DP "http_responses_total{" EDGE
                                 ",status_class=\"2xx\"} 5\n" DP "http_responses_total{" EDGE
                                 ",status_class=\"5xx\"} 1\n# HELP"));
    assert_null(strstr(text, "flag")); /* no value, no header */
}

static void test_a_histogram_is_cumulative_and_in_seconds(void **state)
{
    fixture_t *f = *state;
    http_series_t *http = named_HTTP(f->set, edge);
    latency_observe(&http->duration, 1);
    latency_observe(&http->duration, 1000000);
    latency_observe(&http->duration, 60000000000u);
    const char *text = expose(f, METRIC_DATAPLANE_ONLY);
#define BUCKET(le, count)                                                                          \
    DP "http_request_duration_seconds_bucket{" EDGE ",le=\"" le "\"} " count "\n"
    assert_non_null(
        strstr(text, "# TYPE " DP "http_request_duration_seconds histogram\n" BUCKET("0.0005", "1")
                         BUCKET("0.001", "2") BUCKET("0.0025", "2") BUCKET("0.005", "2")
                             BUCKET("0.01", "2") BUCKET("0.025", "2") BUCKET("0.05", "2")
                                 BUCKET("0.1", "2") BUCKET("0.25", "2") BUCKET("0.5", "2")
                                     BUCKET("1", "2") BUCKET("2.5", "2") BUCKET("5", "2")
                                         BUCKET("10", "2") BUCKET("30", "2") BUCKET("+Inf", "3") DP
               "http_request_duration_seconds_sum{" EDGE "} 60.001000001\n" DP
               "http_request_duration_seconds_count{" EDGE "} 3\n"));
}

static void test_series_that_counted_nothing_are_not_printed(void **state)
{
    fixture_t *f = *state;
    named_HTTP(f->set, edge);
    assert_null(strstr(expose(f, METRIC_DATAPLANE_ONLY), "listener="));
}

static void test_what_has_no_labels_is_always_printed(void **state)
{
    fixture_t *f = *state;
    const char *text = expose(f, METRIC_DATAPLANE_ONLY);
    assert_non_null(strstr(text, "# TYPE " DP "ready gauge\n" DP "ready 0\n"));
    assert_non_null(strstr(text, "nantian_gateway_log_lines_total{level=\"error\"} 0\n"));
    assert_non_null(strstr(text, DP "xds_snapshot_build_duration_seconds_bucket{le=\"+Inf\"} 0\n" DP
                                    "xds_snapshot_build_duration_seconds_sum 0\n" DP
                                    "xds_snapshot_build_duration_seconds_count 0\n"));
    series_DATAPLANE(f->set)->ready = 1;
    assert_non_null(strstr(expose(f, METRIC_DATAPLANE_ONLY), DP "ready 1\n"));
}

static void test_each_plane_shows_its_own(void **state)
{
    fixture_t *f = *state;
    const char *dataplane = expose(f, METRIC_DATAPLANE_ONLY);
    assert_non_null(strstr(dataplane, "\nprocess_open_fds "));
    assert_null(strstr(dataplane, "controlplane"));
    const char *controlplane = expose(f, METRIC_CONTROLPLANE_ONLY);
    assert_non_null(strstr(controlplane, "\nprocess_open_fds "));
    assert_non_null(strstr(controlplane, "\nnantian_gateway_controlplane_ready 0\n"));
    assert_null(strstr(controlplane, "dataplane"));
}

static void expect_seconds(fixture_t *f, int64_t ns, const char *line)
{
    series_DATAPLANE(f->set)->last_apply = ns;
    assert_non_null(strstr(expose(f, METRIC_DATAPLANE_ONLY), line));
}

static void test_seconds_are_exact(void **state)
{
    fixture_t *f = *state;
    expect_seconds(f, 1, DP "xds_last_apply_timestamp_seconds 0.000000001\n");
    expect_seconds(f, 1795514105123456789,
                   DP "xds_last_apply_timestamp_seconds 1795514105.123456789\n");
    expect_seconds(f, 3000000000, DP "xds_last_apply_timestamp_seconds 3\n");
    expect_seconds(f, 120000000, DP "xds_last_apply_timestamp_seconds 0.12\n");
}

/* Series of all kinds, more than a chunk of them. */
static void fill(metric_set_t *set)
{
    for (int i = 0; i < 150; i++) {
        char route[16];
        snprintf(route, sizeof(route), "r%d", i);
        const slice_t values[] = {SLICE("l"), slice_of(route), SLICE("b")};
        http_series_t *http = named_HTTP(set, values);
        latency_observe(&http->duration, (uint64_t)i * 1000000);
        http->requests++;
        http->flags[i % RESPONSE_FLAG_COUNT]++;
        backend_series_t *backend = named_BACKEND(set, &values[1]);
        backend->active = i;
        latency_observe(&backend->connect, (uint64_t)i);
    }
}

static void test_parts_make_the_whole(void **state)
{
    fixture_t *f = *state;
    strbuf_t parts = {0};
    metric_text_t printer;
    size_t count = 0, before = 0;
    bool more = true;
    fill(f->set);
    metrics_expose(f->set, METRIC_BOTH_PLANES, &f->text);
    metric_text_start(&printer, f->set, METRIC_BOTH_PLANES);
    for (; more; count++, before = parts.len) {
        more = metric_text_next(&printer, 1000, &parts);
        assert_true(parts.len - before < 1000 + 8192);
    }
    assert_true(count > 100);
    assert_int_equal(parts.len, f->text.len);
    assert_memory_equal(parts.base, f->text.base, parts.len);
    assert_false(metric_text_next(&printer, 1000, &parts));
    strbuf_fini(&parts);
}

/* Touches every cell of every group, so that every metric is printed. */
static void fill_everything(metric_set_t *set)
{
    const slice_t values[] = {SLICE("a"), SLICE("b"), SLICE("c")};
    for (int group = 0; group < METRIC_GROUP_COUNT; group++) {
        const metric_group_info_t *info = metric_group_info((metric_group_t)group);
        uint64_t *cells = info->label_count ? metric_set_named(set, (metric_group_t)group, values)
                                            : metric_set_series(set, (metric_group_t)group);
        for (unsigned i = 0; i < info->cells; i++)
            cells[i] = i + 1;
    }
}

static void expect_promtool_is_content(const strbuf_t *text)
{
    FILE *promtool = popen("PATH=build/tools:$PATH promtool check metrics >&2", "w");
    assert_non_null(promtool);
    assert_int_equal(fwrite(text->base, 1, text->len, promtool), text->len);
    assert_int_equal(pclose(promtool), 0); /* Debian package prometheus */
}

static void test_promtool_accepts_every_metric(void **state)
{
    fixture_t *f = *state;
    fill_everything(f->set);
    metrics_expose(f->set, METRIC_BOTH_PLANES, &f->text);
    expect_promtool_is_content(&f->text);
}

static void test_promtool_accepts_a_fresh_start(void **state)
{
    fixture_t *f = *state;
    metrics_expose(f->set, METRIC_DATAPLANE_ONLY, &f->text);
    expect_promtool_is_content(&f->text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_counters_and_gauges, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_split_prints_what_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_histogram_is_cumulative_and_in_seconds, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_series_that_counted_nothing_are_not_printed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_what_has_no_labels_is_always_printed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_each_plane_shows_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(test_seconds_are_exact, setup, teardown),
        cmocka_unit_test_setup_teardown(test_parts_make_the_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(test_promtool_accepts_every_metric, setup, teardown),
        cmocka_unit_test_setup_teardown(test_promtool_accepts_a_fresh_start, setup, teardown),
    };
    return cmocka_run_group_tests_name("metric_text", tests, NULL, NULL);
}
