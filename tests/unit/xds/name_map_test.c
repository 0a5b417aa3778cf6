#include "xds/name_map.h"

#include "core/check.h"
#include "tests/unit/test.h"

typedef struct thing {
    int held;
    slice_t name;
    char text[16];
} thing_t;

static thing_t *thing_of(const void *name)
{
    return GW_CONTAINER_OF(name, thing_t, name);
}

static void hold(const void *name)
{
    thing_of(name)->held++;
}

static void drop(const void *name)
{
    thing_of(name)->held--;
}

static const cow_class_t class = {hold, drop};

enum { THINGS = 500 };

static void name_things(thing_t *things, const char *format)
{
    for (int i = 0; i < THINGS; i++) {
        int len = snprintf(things[i].text, sizeof(things[i].text), format, i);
        things[i].name = slice_make(things[i].text, (size_t)len);
        things[i].held = 0;
    }
}

/* Few different hashes, so that probes run into each other and around the end. */
static uint64_t poor_hash(slice_t name)
{
    return slice_hash(name, 1) % 5 + UINT64_C(0xfffffffd);
}

static void test_what_was_put_is_found(void **state)
{
    (void)state;
    thing_t things[THINGS];
    name_map_t map;
    name_things(things, "n%d");
    name_map_init(&map, &class);
    for (int i = 0; i < THINGS; i++)
        name_map_put(&map, slice_hash(things[i].name, 9), &things[i].name);
    assert_int_equal(map.count, THINGS);
    for (int i = 0; i < THINGS; i++)
        assert_ptr_equal(name_map_find(&map, slice_hash(things[i].name, 9), things[i].name),
                         &things[i].name);
    assert_null(name_map_find(&map, slice_hash(SLICE("n500"), 9), SLICE("n500")));
    name_map_fini(&map);
    for (int i = 0; i < THINGS; i++)
        assert_int_equal(things[i].held, 0);
}

static void test_a_name_is_there_once(void **state)
{
    (void)state;
    thing_t first = {.name = SLICE("same")}, second = {.name = SLICE("same")};
    name_map_t map;
    name_map_init(&map, &class);
    name_map_put(&map, 1, &first.name);
    name_map_put(&map, 1, &second.name);
    assert_int_equal(map.count, 1);
    assert_int_equal(first.held, 0);
    assert_ptr_equal(name_map_find(&map, 1, SLICE("same")), &second.name);
    name_map_fini(&map);
}

static void test_equal_hashes_are_told_apart_by_name(void **state)
{
    (void)state;
    thing_t a = {.name = SLICE("a")}, b = {.name = SLICE("b")};
    name_map_t map;
    name_map_init(&map, &class);
    name_map_put(&map, 42, &a.name);
    name_map_put(&map, 42, &b.name);
    assert_ptr_equal(name_map_find(&map, 42, SLICE("a")), &a.name);
    assert_ptr_equal(name_map_find(&map, 42, SLICE("b")), &b.name);
    assert_null(name_map_find(&map, 42, SLICE("c")));
    name_map_fini(&map);
}

/* Puts and removes in a fixed disorder, and looks at everything after each step. */
static void test_removal_leaves_everything_else_findable(void **state)
{
    (void)state;
    static thing_t things[THINGS];
    bool there[40] = {false};
    name_map_t map;
    name_things(things, "n%d");
    name_map_init(&map, &class);
    for (uint32_t step = 0, dice = 1; step < 5000; step++) {
        dice = dice * 1103515245 + 12345;
        uint32_t i = (dice >> 16) % 40;
        slice_t name = things[i].name;
        if (there[i])
            assert_true(name_map_remove(&map, poor_hash(name), name));
        else
            name_map_put(&map, poor_hash(name), &things[i].name);
        there[i] = !there[i];
        for (int k = 0; k < 40; k++)
            assert_int_equal(name_map_find(&map, poor_hash(things[k].name), things[k].name) != NULL,
                             there[k]);
    }
    assert_false(name_map_remove(&map, 7, SLICE("unknown")));
    name_map_fini(&map);
}

static void test_a_view_does_not_see_later_changes(void **state)
{
    (void)state;
    static thing_t things[THINGS];
    name_map_t map;
    name_things(things, "n%d");
    name_map_init(&map, &class);
    for (int i = 0; i < THINGS; i++)
        name_map_put(&map, poor_hash(things[i].name), &things[i].name);
    cow_view_t *view = name_map_view(&map);
    for (int i = 0; i < THINGS; i += 2)
        name_map_remove(&map, poor_hash(things[i].name), things[i].name);
    for (int i = 0; i < THINGS; i++) {
        slice_t name = things[i].name;
        assert_non_null(name_map_view_find(view, poor_hash(name), name));
        assert_int_equal(name_map_find(&map, poor_hash(name), name) != NULL, i % 2);
    }
    name_map_fini(&map);
    cow_view_unref(view);
    for (int i = 0; i < THINGS; i++)
        assert_int_equal(things[i].held, 0);
}

static void test_a_walk_meets_every_name_once(void **state)
{
    (void)state;
    static thing_t things[THINGS];
    bool met[THINGS] = {false};
    name_map_t map;
    name_things(things, "n%d");
    name_map_init(&map, &class);
    for (int i = 0; i < THINGS; i++)
        name_map_put(&map, slice_hash(things[i].name, 1), &things[i].name);
    uint32_t at = 0, count = 0;
    for (const slice_t *name; (name = name_map_next(&map, &at)); count++) {
        assert_false(met[thing_of(name) - things]);
        met[thing_of(name) - things] = true;
    }
    assert_int_equal(count, THINGS);
    name_map_fini(&map);
}

static void test_an_emptied_map_is_small_again(void **state)
{
    (void)state;
    static thing_t things[THINGS];
    name_map_t map;
    name_things(things, "n%d");
    name_map_init(&map, &class);
    for (int i = 0; i < THINGS; i++)
        name_map_put(&map, slice_hash(things[i].name, 1), &things[i].name);
    for (int i = 0; i < THINGS; i++)
        name_map_remove(&map, slice_hash(things[i].name, 1), things[i].name);
    assert_int_equal(map.count, 0);
    assert_in_range(map.slots.size, 1, 8);
    name_map_fini(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_put_is_found),
        cmocka_unit_test(test_a_name_is_there_once),
        cmocka_unit_test(test_equal_hashes_are_told_apart_by_name),
        cmocka_unit_test(test_removal_leaves_everything_else_findable),
        cmocka_unit_test(test_a_view_does_not_see_later_changes),
        cmocka_unit_test(test_a_walk_meets_every_name_once),
        cmocka_unit_test(test_an_emptied_map_is_small_again),
    };
    return cmocka_run_group_tests_name("name_map", tests, NULL, NULL);
}
