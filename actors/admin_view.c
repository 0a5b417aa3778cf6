/*
 * admin_view.c: JSON for the admin pages.
 */
#include "actors/admin_job.h"

/* --- small pieces; `comma` separates members --- */

static void add_text(strbuf_t *json, const char *key, slice_t value)
{
    strbuf_printf(json, "\"%s\":", key);
    strbuf_add_json(json, value);
}

static void add_number(strbuf_t *json, const char *key, uint64_t value)
{
    strbuf_printf(json, "\"%s\":%llu", key, (unsigned long long)value);
}

static void separate(strbuf_t *json, bool *first)
{
    if (!*first)
        strbuf_add_char(json, ',');
    *first = false;
}

/* --- actors --- */

static void add_actor(strbuf_t *json, const actor_info_t *info)
{
    add_text(json, "name", slice_of(info->name));
    strbuf_add_char(json, ',');
    add_text(json, "class", slice_of(info->class));
    strbuf_printf(json,
                  ",\"worker\":%u,\"mailbox\":%u,\"mailboxMax\":%u,\"muted\":%s,"
                  "\"handled\":%llu,\"sent\":%llu,\"queuedSeconds\":%.6f,\"busySeconds\":%.6f,"
                  "\"restarts\":%u,\"openRequests\":%u,\"owedAnswers\":%u,\"timers\":%u,"
                  "\"arenaBytes\":%zu",
                  info->worker, info->mailbox, info->stats.mailbox_max,
                  info->muted ? "true" : "false", (unsigned long long)info->stats.handled,
                  (unsigned long long)info->stats.sent, (double)info->stats.queued_ns / 1e9,
                  (double)info->stats.busy_ns / 1e9, info->stats.restarts, info->open_requests,
                  info->owed_answers, info->timers, info->arena_bytes);
}

void admin_view_actors(strbuf_t *json, const admin_job_t *job)
{
    bool first = true;
    strbuf_add_text(json, "{\"actors\":[");
    for (uint32_t i = 0; i < job->list_count; i++) {
        for (uint32_t k = 0; k < job->lists[i]->count; k++) {
            separate(json, &first);
            strbuf_add_char(json, '{');
            add_actor(json, &job->lists[i]->actors[k]);
            strbuf_add_char(json, '}');
        }
    }
    strbuf_printf(json, "],\"workersMissing\":%u}", job->lost);
}

void admin_view_actor(strbuf_t *json, const actor_description_t *description)
{
    strbuf_add_char(json, '{');
    add_actor(json, &description->info);
    strbuf_printf(json, ",\"state\":{%s}}", description->json ? description->json : "");
}

/* --- listeners --- */

static void add_listener(strbuf_t *json, const snapshot_view_t *view,
                         const snapshot_listener_t *entry)
{
    const listener_t *listener = entry->listener;
    const bound_t *bound = bound_list_find(view->bound, listener->name);
    uint32_t at = 0, vhosts = 0, routes = 0;
    for (const vhost_t *vhost; entry->routes && (vhost = route_table_next(entry->routes, &at));) {
        vhosts++;
        routes += vhost->route_count;
    }
    strbuf_add_char(json, '{');
    add_text(json, "name", listener->label);
    strbuf_add_char(json, ',');
    add_text(json, "resource", listener->name);
    strbuf_add_char(json, ',');
    add_text(json, "address", listener->address.text);
    strbuf_add_char(json, ',');
    add_text(json, "gatewayNamespace", listener->gateway_namespace);
    strbuf_add_char(json, ',');
    add_text(json, "gatewayName", listener->gateway_name);
    strbuf_printf(json, ",\"gatewayPort\":%u,\"port\":%u,\"protocol\":\"HTTP\"",
                  listener->gateway_port, listener->address.port);
    strbuf_printf(json, ",\"virtualHosts\":%u,\"routes\":%u,\"bound\":%s", vhosts, routes,
                  bound && bound->code == 0 ? "true" : "false");
    if (bound && bound->code != 0) {
        strbuf_add_char(json, ',');
        add_text(json, "error", slice_of(strerror(-bound->code)));
    }
    strbuf_add_char(json, '}');
}

void admin_view_listeners(strbuf_t *json, const snapshot_view_t *view)
{
    uint32_t count = 0;
    const snapshot_listener_t *listeners =
        view->snapshot ? snapshot_listeners(view->snapshot, &count) : NULL;
    strbuf_add_char(json, '{');
    add_number(json, "version", view->version);
    strbuf_add_text(json, ",\"listeners\":[");
    for (uint32_t i = 0; i < count; i++) {
        if (i)
            strbuf_add_char(json, ',');
        add_listener(json, view, &listeners[i]);
    }
    strbuf_add_text(json, "]}");
}

/* --- routes --- */

static void add_matchers(strbuf_t *json, const route_t *route)
{
    static const char *const tests[] = {"method", "header", "headerPresent", "query",
                                        "queryPresent"};
    strbuf_add_text(json, ",\"conditions\":[");
    for (uint32_t i = 0; i < route->matcher_count; i++) {
        const route_matcher_t *matcher = &route->matchers[i];
        strbuf_printf(json, "%s{\"test\":\"%s\",", i ? "," : "", tests[matcher->test]);
        add_text(json, "name", matcher->name);
        strbuf_add_char(json, ',');
        add_text(json, "value", matcher->value);
        strbuf_printf(json, ",\"invert\":%s}", matcher->invert ? "true" : "false");
    }
    strbuf_add_char(json, ']');
}

static void add_clusters(strbuf_t *json, const snapshot_t *snapshot, const route_forward_t *forward)
{
    uint32_t before = 0;
    strbuf_add_text(json, ",\"backends\":[");
    for (uint32_t i = 0; i < forward->cluster_count; i++) {
        const route_cluster_t *choice = &forward->clusters[i];
        strbuf_add_text(json, i ? ",{" : "{");
        add_text(json, "name", snapshot_series_name(snapshot, SERIES_CLUSTER, choice->cluster));
        strbuf_printf(json, ",\"weight\":%u}", choice->upto - before);
        before = choice->upto;
    }
    strbuf_add_char(json, ']');
}

static void add_route(strbuf_t *json, const snapshot_t *snapshot, const route_t *route)
{
    strbuf_add_char(json, '{');
    add_text(json, "name", route->name);
    strbuf_add_char(json, ',');
    add_text(json, "kind", route->info.kind);
    strbuf_add_char(json, ',');
    add_text(json, "namespace", route->info.namespace);
    strbuf_add_char(json, ',');
    add_text(json, "route", route->info.name);
    strbuf_printf(json, ",\"rule\":%u,\"pathMatch\":\"%s\",", route->info.rule_index,
                  route_path_kind_text(route->path_kind));
    add_text(json, "path", route->path);
    add_matchers(json, route);
    strbuf_printf(json, ",\"action\":\"%s\"", route_action_text(route->action));
    if (route->action == ROUTE_FORWARD)
        add_clusters(json, snapshot, &route->forward);
    else if (route->action == ROUTE_RESPOND)
        strbuf_printf(json, ",\"status\":%u", route->respond.status);
    strbuf_add_char(json, '}');
}

static void add_vhost(strbuf_t *json, const snapshot_t *snapshot, const vhost_t *vhost)
{
    strbuf_add_char(json, '{');
    add_text(json, "name", vhost->name);
    strbuf_add_text(json, ",\"hostnames\":[");
    for (uint32_t i = 0; i < vhost->domain_count; i++) {
        if (i)
            strbuf_add_char(json, ',');
        strbuf_add_json(json, vhost_domain_text(&vhost->domains[i]));
    }
    strbuf_add_text(json, "],\"inherits\":[");
    for (uint32_t i = 0; i < vhost->inherit_count; i++) {
        if (i)
            strbuf_add_char(json, ',');
        strbuf_add_json(json, vhost->inherits[i].name);
    }
    strbuf_add_text(json, "],\"routes\":[");
    for (uint32_t i = 0; i < vhost->route_count; i++) {
        if (i)
            strbuf_add_char(json, ',');
        add_route(json, snapshot, &vhost->routes[i]);
    }
    strbuf_add_text(json, "]}");
}

void admin_view_routes(strbuf_t *json, const snapshot_view_t *view)
{
    uint32_t count = 0;
    const snapshot_listener_t *listeners =
        view->snapshot ? snapshot_listeners(view->snapshot, &count) : NULL;
    strbuf_add_char(json, '{');
    add_number(json, "version", view->version);
    strbuf_add_text(json, ",\"listeners\":[");
    for (uint32_t i = 0; i < count; i++) {
        bool first = true;
        uint32_t at = 0;
        strbuf_add_text(json, i ? ",{" : "{");
        add_text(json, "listener", listeners[i].listener->label);
        strbuf_add_text(json, ",\"virtualHosts\":[");
        for (const vhost_t *vhost;
             listeners[i].routes && (vhost = route_table_next(listeners[i].routes, &at));) {
            separate(json, &first);
            add_vhost(json, view->snapshot, vhost);
        }
        strbuf_add_text(json, "]}");
    }
    strbuf_add_text(json, "]}");
}

/* --- backends --- */

static void add_endpoints(strbuf_t *json, const endpoints_t *endpoints)
{
    for (uint32_t i = 0; endpoints && i < endpoints->count; i++) {
        const endpoint_t *endpoint = &endpoints->at[i];
        strbuf_add_text(json, i ? ",{" : "{");
        add_text(json, "address", endpoint->address.text);
        strbuf_printf(json, ",\"health\":\"%s\",\"weight\":%u}",
                      endpoint_health_text(endpoint->health), endpoint->weight);
    }
}

void admin_view_backends(strbuf_t *json, const snapshot_view_t *view)
{
    bool first = true;
    uint32_t at = 0;
    strbuf_add_char(json, '{');
    add_number(json, "version", view->version);
    strbuf_add_text(json, ",\"backends\":[");
    for (const cluster_t *cluster;
         view->snapshot && (cluster = snapshot_next_cluster(view->snapshot, &at));) {
        separate(json, &first);
        strbuf_add_char(json, '{');
        add_text(json, "name", cluster->name);
        strbuf_add_char(json, ',');
        add_text(json, "namespace", cluster->namespace);
        strbuf_add_char(json, ',');
        add_text(json, "service", cluster->service);
        strbuf_printf(json, ",\"port\":%u,\"policy\":\"%s\",\"endpoints\":[", cluster->port,
                      cluster_policy_text(cluster->policy));
        add_endpoints(json, snapshot_endpoints(view->snapshot, cluster));
        strbuf_add_text(json, "]}");
    }
    strbuf_add_text(json, "]}");
}
