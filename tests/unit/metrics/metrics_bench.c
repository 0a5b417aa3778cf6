/*
 * metrics_bench.c: what a scrape with 5,000 routes costs, step by step. No test: it prints the
 * best of several rounds. Run the release build on a quiet machine.
 */
#include <inttypes.h>
#include <time.h>

#include "core/mem.h"
#include "metrics/metric_text.h"

enum { ROUTES = 5000, ROUNDS = 20, WORKERS = 2, LOOKUPS = 1000000 };

static http_series_t *series[WORKERS][ROUTES];
static uint64_t started;

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void best(uint64_t *least)
{
    uint64_t took = now_ns() - started;
    if (*least == 0 || took < *least)
        *least = took;
}

static void make_series(metric_set_t *set, http_series_t **ret)
{
    for (int i = 0; i < ROUTES; i++) {
        char route[64], backend[64];
        metric_place_t place;
        snprintf(route, sizeof(route), "team-%d/service-route-%d", i % 50, i);
        snprintf(backend, sizeof(backend), "team-%d/service-%d:8080", i % 50, i);
        const slice_t values[] = {SLICE("gateways/public/http"), slice_of(route),
                                  slice_of(backend)};
        ret[i] = hold_HTTP(set, values, &place);
    }
}

static void count_requests(http_series_t **of)
{
    for (int i = 0; i < ROUTES; i++) {
        http_series_t *http = of[i];
        for (uint64_t n = 0; n < 20; n++) {
            http->requests++;
            http->responses[METRIC_STATUS_CLASS(n == 7 ? 503 : 200)]++;
            http->flags[RESPONSE_FLAG_UF] += n == 7;
            latency_observe(&http->duration, 300000u << n);
            http->response_bytes += 12345678 * n;
        }
    }
}

static double observe_ns(http_series_t *http)
{
    started = now_ns();
    for (uint32_t i = 0, at = 1; i < LOOKUPS; i++, at = at * 1664525u + 1013904223u)
        latency_observe(&http->duration, at % 4000000);
    return (double)(now_ns() - started) / LOOKUPS;
}

int main(void)
{
    metric_set_t *sets[WORKERS];
    uint64_t collect = 0, merge = 0, expose = 0, release = 0;
    size_t size = 0;
    for (int i = 0; i < WORKERS; i++) {
        sets[i] = metric_set_new();
        started = now_ns();
        make_series(sets[i], series[i]);
        printf("series     %8.1f us\n", (double)(now_ns() - started) / 1e3);
        count_requests(series[i]);
    }
    for (int round = 0; round < ROUNDS; round++) {
        metric_set_t *copies[WORKERS], *total = metric_set_new();
        strbuf_t text = {0};
        for (int i = 0; i < WORKERS; i++) {
            started = now_ns();
            copies[i] = metric_set_collect(sets[i], started);
            best(&collect);
        }
        started = now_ns();
        for (int i = 0; i < WORKERS; i++)
            metric_set_merge(total, copies[i]);
        best(&merge);
        started = now_ns();
        metrics_expose(total, METRIC_BOTH_PLANES, &text);
        best(&expose);
        size = text.len;
        started = now_ns();
        strbuf_fini(&text);
        for (int i = 0; i < WORKERS; i++)
            metric_set_free(copies[i]);
        metric_set_free(total);
        best(&release);
    }
    printf("collect    %8.1f us (one worker)\nmerge      %8.1f us (%d workers)\n",
           (double)collect / 1e3, (double)merge / 1e3, WORKERS);
    printf("expose     %8.1f us (%zu bytes)\nrelease    %8.1f us\n", (double)expose / 1e3, size,
           (double)release / 1e3);
    printf("observe    %8.1f ns (random time)\n", observe_ns(series[0][0]));
    for (int i = 0; i < WORKERS; i++)
        metric_set_free(sets[i]);
    return 0;
}
