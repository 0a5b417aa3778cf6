#include "core/check.h"
#include "core/mem.h"
#include "core/slab.h"
#include "tests/unit/test.h"

typedef struct thing {
    slab_node_t node;
    uint64_t value;
} thing_t;

static void test_an_object_is_found_by_its_id_and_cleared(void **state)
{
    (void)state;
    slab_t slab;
    slab_init(&slab, sizeof(thing_t));
    thing_t *thing = slab_new(&slab);
    assert_int_not_equal(thing->node.id, 0);
    assert_int_equal(thing->value, 0);
    thing->value = 1;
    assert_ptr_equal(slab_get(&slab, thing->node.id), thing);
    assert_null(slab_get(&slab, 0));
    assert_null(slab_get(&slab, UINT32_MAX));
    slab_fini(&slab);
}

static void test_the_id_of_a_freed_object_finds_nothing(void **state)
{
    (void)state;
    slab_t slab;
    slab_init(&slab, sizeof(thing_t));
    thing_t *thing = slab_new(&slab);
    uint32_t id = thing->node.id;
    slab_free(&slab, thing);
    assert_null(slab_get(&slab, id));
    for (int i = 0; i < 100000; i++) { /* its slot is used again and again */
        thing = slab_new(&slab);
        assert_null(slab_get(&slab, id));
        assert_int_not_equal(thing->node.id, id);
        slab_free(&slab, thing);
    }
    slab_fini(&slab);
}

/* An id comes back only after half a million objects, even with nearly all slots taken. */
static void test_an_id_rests_long(void **state)
{
    (void)state;
    slab_t slab;
    slab_init(&slab, sizeof(thing_t));
    for (int i = 0; i < 1000; i++)
        slab_new(&slab);
    thing_t *thing = slab_new(&slab);
    uint32_t id = thing->node.id, rest = 0;
    do {
        slab_free(&slab, thing);
        thing = slab_new(&slab);
        rest++;
    } while (thing->node.id != id);
    assert_true(rest > 500000);
    assert_int_equal(slab.live, 1001);
    slab_fini(&slab);
}

static void test_objects_do_not_move_and_ids_differ(void **state)
{
    enum { COUNT = 5000 };
    (void)state;
    slab_t slab;
    thing_t **things = xcalloc(COUNT, sizeof(*things));
    slab_init(&slab, sizeof(thing_t));
    for (uint64_t i = 0; i < COUNT; i++) {
        things[i] = slab_new(&slab);
        things[i]->value = i;
    }
    for (uint64_t i = 0; i < COUNT; i++) {
        assert_ptr_equal(slab_get(&slab, things[i]->node.id), things[i]);
        assert_int_equal(things[i]->value, i);
    }
    free(things);
    slab_fini(&slab);
}

static void test_a_full_slab_gives_null(void **state)
{
    (void)state;
    slab_t slab;
    slab_init(&slab, sizeof(slab_node_t));
    for (int i = 0; i < 1 << SLAB_SLOT_BITS; i++)
        assert_non_null(slab_new(&slab));
    assert_null(slab_new(&slab));
    slab_free(&slab, slab_at(&slab, 77));
    assert_non_null(slab_new(&slab));
    assert_null(slab_new(&slab));
    slab_fini(&slab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_object_is_found_by_its_id_and_cleared),
        cmocka_unit_test(test_the_id_of_a_freed_object_finds_nothing),
        cmocka_unit_test(test_an_id_rests_long),
        cmocka_unit_test(test_objects_do_not_move_and_ids_differ),
        cmocka_unit_test(test_a_full_slab_gives_null),
    };
    return cmocka_run_group_tests_name("slab", tests, NULL, NULL);
}
