/*
 * Two resources that want the same. Whoever has it keeps it; what somebody gives up in the same
 * update is free; else the first by name gets it. When a candidate is refused, its version before
 * stays, and with it what that one has, which can refuse another one: so the rounds go on until
 * one refuses nobody.
 */
#include "core/check.h"
#include "core/mem.h"
#include "core/strbuf.h"
#include "xds/builder_state.h"
#include "xds/route_configuration.h"

/* Something that one resource at a time can have: a domain in a configuration, or an address. */
typedef struct thing {
    slice_t owner;         /* name of who has it now, for people; empty: nobody */
    candidate_t *owner_by; /* the owner in this update; NULL: it stays as it is */
    candidate_t *granted;  /* who gets it in this round */
    bool kept;             /* the owner wants it still */
} thing_t;

typedef struct claim {
    candidate_t *by;
    slice_t scope; /* name of a domain's route configuration; empty: an address */
    slice_t text;
    const vhost_domain_t *domain; /* NULL: an address */
    long index;                   /* of the domain */
    thing_t *thing;
} claim_t;

typedef struct claims {
    claim_t *at; /* those of a candidate side by side */
    size_t count;
    thing_t *things;
    size_t thing_count;
} claims_t;

static slice_t configuration_name(const candidate_t *candidate)
{
    slice_t configuration = {NULL, 0}, host;
    (void)xds_split_virtual_host(candidate->name, &configuration, &host);
    return configuration;
}

static void add_claims(claims_t *claims, candidate_t *by)
{
    if (by->refused)
        return;
    if (by->listener && by->listener->address.port) /* port 0 is any free one */
        claims->at[claims->count++] =
            (claim_t){.by = by, .text = by->listener->address.text, .index = -1};
    for (uint32_t i = 0; by->vhost && i < by->vhost->domain_count; i++)
        claims->at[claims->count++] = (claim_t){.by = by,
                                                .scope = configuration_name(by),
                                                .text = vhost_domain_text(&by->vhost->domains[i]),
                                                .domain = &by->vhost->domains[i],
                                                .index = i};
}

static int compare_things(const claim_t *a, const claim_t *b)
{
    int order = slice_compare(a->scope, b->scope);
    return order ? order : slice_compare(a->text, b->text);
}

static int compare_claims(const void *left, const void *right)
{
    const claim_t *a = *(claim_t *const *)left, *b = *(claim_t *const *)right;
    int order = compare_things(a, b);
    return order ? order : (a > b) - (a < b);
}

/* The listener in effect that has the address. */
static const listener_t *find_address(const snapshot_builder_t *builder, slice_t text)
{
    uint32_t at = 0;
    const slice_t *name;
    while ((name = name_map_next(&builder->listeners, &at))) {
        const listener_t *listener = GW_CONTAINER_OF(name, listener_t, name);
        if (slice_eq(listener->address.text, text))
            return listener;
    }
    return NULL;
}

/* The virtual host in effect that has the domain. */
static const vhost_t *find_domain(const snapshot_builder_t *builder, const claim_t *claim)
{
    const configuration_t *configuration = builder_configuration(builder, claim->scope);
    return configuration ? route_table_editor_owner(configuration->vhosts, claim->domain) : NULL;
}

static candidate_t *find_vhost(const candidates_t *candidates, slice_t scope, slice_t name)
{
    strbuf_t text = {0};
    strbuf_printf(&text, "%.*s/%.*s", SLICE_ARG(scope), SLICE_ARG(name));
    candidate_t *found = candidates_find(candidates, XDS_VIRTUAL_HOST, strbuf_slice(&text));
    strbuf_fini(&text);
    return found;
}

static thing_t make_thing(const snapshot_builder_t *builder, const candidates_t *candidates,
                          const claim_t *claim)
{
    thing_t thing = {.kept = false};
    if (claim->domain) {
        const vhost_t *vhost = find_domain(builder, claim);
        if (vhost) {
            thing.owner = vhost->name;
            thing.owner_by = find_vhost(candidates, claim->scope, vhost->name);
        }
    } else {
        const listener_t *listener = find_address(builder, claim->text);
        if (listener) {
            thing.owner = listener->name;
            thing.owner_by = candidates_find(candidates, XDS_LISTENER, listener->name);
        }
    }
    return thing;
}

/* Gives the claims on the same thing the same thing. */
static void find_things(const snapshot_builder_t *builder, const candidates_t *candidates,
                        claims_t *claims)
{
    claim_t **sorted = xcalloc(claims->count, sizeof(*sorted));
    for (size_t i = 0; i < claims->count; i++)
        sorted[i] = &claims->at[i];
    qsort(sorted, claims->count, sizeof(*sorted), compare_claims);
    for (size_t i = 0; i < claims->count; i++) {
        if (i == 0 || compare_things(sorted[i - 1], sorted[i]) != 0)
            claims->things[claims->thing_count++] = make_thing(builder, candidates, sorted[i]);
        thing_t *thing = &claims->things[claims->thing_count - 1];
        sorted[i]->thing = thing;
        thing->kept |= thing->owner_by == sorted[i]->by;
    }
    free(sorted);
}

static claims_t collect(const snapshot_builder_t *builder, const candidates_t *candidates)
{
    size_t room = 1;
    for (size_t i = 0; i < candidates->count; i++) {
        const candidate_t *candidate = &candidates->at[i];
        room += candidate->vhost ? candidate->vhost->domain_count : 1;
    }
    claims_t claims = {xcalloc(room, sizeof(claim_t)), 0, xcalloc(room, sizeof(thing_t)), 0};
    for (size_t i = 0; i < candidates->count; i++)
        add_claims(&claims, &candidates->at[i]);
    find_things(builder, candidates, &claims);
    return claims;
}

static void refuse(const claim_t *claim, slice_t owner, xds_rejects_t *rejects)
{
    fault_t fault = {0};
    const char *what = claim->domain ? "virtual host" : "listener";
    const field_path_t *path =
        claim->domain ? ELEMENT(NULL, "domains", claim->index) : FIELD(NULL, "address");
    fault_at(&fault, path, "\"%.*s\" belongs to the %s \"%.*s\"", SLICE_ARG(claim->text), what,
             SLICE_ARG(owner));
    builder_refuse(claim->by, &fault, rejects);
}

/* Refuses who wants what somebody has who stays as he is; true when somebody was refused. */
static bool refuse_for_owners(const claims_t *claims, xds_rejects_t *rejects)
{
    bool refused = false;
    for (size_t i = 0; i < claims->count; i++) {
        const claim_t *claim = &claims->at[i];
        const thing_t *thing = claim->thing;
        if (claim->by->refused || thing->owner.len == 0 ||
            (thing->owner_by && !thing->owner_by->refused))
            continue;
        refuse(claim, thing->owner, rejects);
        refused = true;
    }
    return refused;
}

/* The one before whom a claim has to stand back, or NULL. */
static const candidate_t *ahead_of(const claim_t *claim)
{
    const thing_t *thing = claim->thing;
    if (thing->kept && thing->owner_by != claim->by)
        return thing->owner_by;
    return thing->granted != claim->by ? thing->granted : NULL;
}

/* Grants a candidate all its claims, or refuses it; true when it was refused. */
static bool grant_all(claim_t *first, const claim_t *end, xds_rejects_t *rejects)
{
    for (const claim_t *claim = first; claim < end; claim++) {
        const candidate_t *ahead = ahead_of(claim);
        if (ahead) {
            refuse(claim, ahead->vhost ? ahead->vhost->name : ahead->name, rejects);
            return true;
        }
    }
    for (claim_t *claim = first; claim < end; claim++)
        claim->thing->granted = first->by;
    return false;
}

/* Refuses who wants what another candidate gets; true when somebody was refused. */
static bool refuse_for_each_other(const claims_t *claims, xds_rejects_t *rejects)
{
    bool refused = false;
    for (size_t i = 0; i < claims->thing_count; i++)
        claims->things[i].granted = NULL;
    for (size_t i = 0, end; i < claims->count; i = end) {
        for (end = i; end < claims->count && claims->at[end].by == claims->at[i].by;)
            end++;
        if (!claims->at[i].by->refused)
            refused |= grant_all(&claims->at[i], &claims->at[end], rejects);
    }
    return refused;
}

/* Whether a route configuration will list its virtual hosts itself. */
static bool will_list(const snapshot_builder_t *builder, const candidates_t *candidates,
                      slice_t name)
{
    const candidate_t *next = candidates_find(candidates, XDS_ROUTE_CONFIGURATION, name);
    if (next && !next->refused)
        return next->list != NULL;
    const configuration_t *now = builder_configuration(builder, name);
    return now && now->list;
}

static bool has_vhosts(const snapshot_builder_t *builder, slice_t name)
{
    const configuration_t *now = builder_configuration(builder, name);
    return now && route_table_editor_count(now->vhosts);
}

/* A route configuration has a list of virtual hosts, or virtual hosts that are resources. */
static void check_lists(const snapshot_builder_t *builder, const candidates_t *candidates,
                        xds_rejects_t *rejects)
{
    fault_t fault = {0};
    for (size_t i = 0; i < candidates->count; i++) {
        candidate_t *candidate = &candidates->at[i];
        if (candidate->list && has_vhosts(builder, candidate->name))
            fault_at(&fault, FIELD(NULL, "virtual_hosts"),
                     "its virtual hosts are resources of their own");
        else if (candidate->vhost && will_list(builder, candidates, configuration_name(candidate)))
            fault_at(&fault, NULL, "its route configuration lists its virtual hosts itself");
        if (fault.reason)
            builder_refuse(candidate, &fault, rejects);
    }
}

/* A virtual host that names a domain twice. */
static void check_doubles(const snapshot_builder_t *builder, const candidates_t *candidates,
                          xds_rejects_t *rejects)
{
    fault_t fault = {0};
    compile_t c = {.fault = &fault};
    route_table_editor_t *empty = route_table_editor_new(slice_make(NULL, 0), builder->seed);
    for (size_t i = 0; i < candidates->count; i++) {
        candidate_t *candidate = &candidates->at[i];
        if (candidate->vhost && !candidate->refused &&
            vhost_check_domains(&c, candidate->vhost, empty, NULL))
            builder_refuse(candidate, &fault, rejects);
    }
    route_table_editor_free(empty);
}

void conflicts_resolve(const snapshot_builder_t *builder, const candidates_t *candidates,
                       xds_rejects_t *rejects)
{
    check_lists(builder, candidates, rejects);
    check_doubles(builder, candidates, rejects);
    claims_t claims = collect(builder, candidates);
    do {
        while (refuse_for_owners(&claims, rejects))
            ;
    } while (refuse_for_each_other(&claims, rejects));
    free(claims.at);
    free(claims.things);
}
