/*
 * classes_test.c: what holds for all actor classes of the product together.
 */
#include "actors/classes.h"
#include "core/mute_cycle.h"
#include "core/strbuf.h"
#include "core/supervisor.h"

#include "tests/unit/test.h"

static const actor_class_t *const classes[] = {
    &listener_class,   &connection_class, &router_class, &upstream_class,   &snapshot_class,
    &metrics_class,    &access_log_class, &admin_class,  &file_watch_class, &store_class,
    &translator_class, &supervisor_class, NULL};

static void who_may_mute_whom_has_no_circle(void **state)
{
    strbuf_t circle = {0};
    (void)state;
    bool found = mute_cycle(classes, &circle);
    if (found)
        print_error("%.*s\n", SLICE_ARG(strbuf_slice(&circle)));
    strbuf_fini(&circle);
    assert_false(found);
}

/* Replies, credits, routers and snapshots must always get through. */
static void only_connection_is_ever_muted(void **state)
{
    (void)state;
    for (int i = 0; classes[i]; i++) {
        const char *const *name = classes[i]->mutes;
        for (; name && *name; name++)
            assert_string_equal(*name, "connection");
    }
}

static void every_class_describes_itself(void **state)
{
    (void)state;
    for (int i = 0; classes[i]; i++) {
        if (!classes[i]->describe)
            fail_msg("%s has no describe", classes[i]->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_may_mute_whom_has_no_circle),
        cmocka_unit_test(only_connection_is_ever_muted),
        cmocka_unit_test(every_class_describes_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
