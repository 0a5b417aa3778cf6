#include "core/arena.h"
#include "tests/unit/test.h"

static bool aligned(const void *pointer)
{
    return (uintptr_t)pointer % 16 == 0;
}

static void test_a_zeroed_arena_allocates_aligned_memory(void **state)
{
    (void)state;
    arena_t arena = {0};
    for (size_t size = 0; size < 200; size++) {
        char *memory = arena_alloc(&arena, size);
        assert_true(aligned(memory));
        memset(memory, 0xff, size);
    }
    arena_fini(&arena);
}

static void test_allocations_do_not_overlap(void **state)
{
    (void)state;
    arena_t arena = {0};
    char *pieces[300];
    for (size_t i = 0; i < 300; i++) {
        pieces[i] = i % 2 ? arena_alloc(&arena, i + 1) : arena_bytes(&arena, i + 1);
        memset(pieces[i], (int)(i & 0x7f), i + 1);
    }
    for (size_t i = 0; i < 300; i++) {
        for (size_t at = 0; at <= i; at++)
            assert_int_equal(pieces[i][at], i & 0x7f);
    }
    arena_fini(&arena);
}

static void test_cleared_memory_is_cleared_after_reuse(void **state)
{
    (void)state;
    char memory[256];
    arena_t arena;
    arena_init_with(&arena, memory, sizeof(memory));
    memset(arena_alloc(&arena, 128), 0xff, 128);
    arena_reset(&arena);
    const char *cleared = arena_zalloc(&arena, 128);
    for (size_t i = 0; i < 128; i++)
        assert_int_equal(cleared[i], 0);
    arena_fini(&arena);
}

static void test_the_heap_is_used_only_beyond_the_callers_memory(void **state)
{
    (void)state;
    _Alignas(16) char memory[256];
    arena_t arena;
    arena_init_with(&arena, memory, sizeof(memory));
    char *inside = arena_alloc(&arena, 256);
    assert_ptr_equal(inside, memory);
    assert_int_equal(arena_heap_size(&arena), 0);
    char *outside = arena_alloc(&arena, 1);
    assert_true(outside < memory || outside >= memory + sizeof(memory));
    assert_true(arena_heap_size(&arena) > 0);
    arena_fini(&arena);
}

static void test_unaligned_memory_of_the_caller_gives_aligned_objects(void **state)
{
    (void)state;
    _Alignas(16) char memory[64];
    arena_t arena;
    arena_init_with(&arena, memory + 1, sizeof(memory) - 1);
    char *object = arena_alloc(&arena, 48);
    assert_ptr_equal(object, memory + 16);
    assert_int_equal(arena_heap_size(&arena), 0);
    /* nothing is left: the next one must not run over the end */
    char *next = arena_alloc(&arena, 16);
    assert_true(next < memory || next >= memory + sizeof(memory));
    arena_fini(&arena);
}

static void test_what_alignment_costs_counts_as_used(void **state)
{
    (void)state;
    _Alignas(16) char memory[128];
    arena_t arena;
    arena_init_with(&arena, memory, 64);
    arena_bytes(&arena, 49);
    /* 15 bytes are left, and an aligned object would begin behind them, outside the arena */
    char *object = arena_alloc(&arena, 10);
    assert_true(object < memory || object >= memory + sizeof(memory));
    assert_true(aligned(object));
    arena_fini(&arena);
}

static void test_an_object_larger_than_a_block_fits(void **state)
{
    (void)state;
    arena_t arena = {0};
    memset(arena_alloc(&arena, 1 << 20), 1, 1 << 20);
    memset(arena_bytes(&arena, 5000), 1, 5000);
    assert_true(arena_heap_size(&arena) >= (1 << 20) + 5000);
    arena_fini(&arena);
}

static void test_a_copy_ends_in_nul_and_outlives_its_source(void **state)
{
    (void)state;
    arena_t arena = {0};
    char source[] = "text";
    slice_t copy = arena_dup(&arena, slice_make(source, 3));
    source[0] = 'X';
    assert_slice(copy, "tex");
    assert_int_equal(copy.base[3], '\0');
    slice_t empty = arena_dup(&arena, (slice_t){NULL, 0});
    assert_int_equal(empty.len, 0);
    assert_string_equal(empty.base, "");
    arena_fini(&arena);
}

static void test_reset_gives_the_heap_back_and_starts_anew(void **state)
{
    (void)state;
    _Alignas(16) char memory[64];
    arena_t arena;
    arena_init_with(&arena, memory, sizeof(memory));
    arena_alloc(&arena, 10000);
    arena_reset(&arena);
    assert_int_equal(arena_heap_size(&arena), 0);
    assert_ptr_equal(arena_alloc(&arena, 8), memory);
    arena_fini(&arena);
}

static void test_a_finished_arena_is_empty_and_usable(void **state)
{
    (void)state;
    char memory[64];
    arena_t arena;
    arena_init_with(&arena, memory, sizeof(memory));
    arena_fini(&arena);
    char *next = arena_bytes(&arena, 8);
    assert_true(next < memory || next >= memory + sizeof(memory));
    arena_fini(&arena);
    arena_fini(&arena);
    assert_int_equal(arena_heap_size(&arena), 0);
}

static void allocate_something(arena_t *arena, unsigned pieces)
{
    for (unsigned i = 1; i < pieces; i++) {
        memset(arena_alloc(arena, i * 3), 1, i * 3);
        memset(arena_bytes(arena, i * 7), 2, i * 7);
    }
}

static void test_what_is_used_is_enough_for_the_same_again(void **state)
{
    (void)state;
    for (unsigned pieces = 0; pieces < 60; pieces++) {
        _Alignas(16) char memory[1024];
        arena_t arena, again;
        arena_init_with(&arena, memory, sizeof(memory));
        allocate_something(&arena, pieces);
        size_t used = arena_used(&arena);
        bool spilled = arena_heap_size(&arena) > 0;
        char *exact = aligned_alloc(16, (used + 31) / 16 * 16);
        arena_init_with(&again, exact, used);
        allocate_something(&again, pieces);
        assert_int_equal(arena_heap_size(&again), 0);
        if (!spilled)
            assert_int_equal(arena_used(&again), used);
        arena_fini(&arena);
        arena_fini(&again);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_zeroed_arena_allocates_aligned_memory),
        cmocka_unit_test(test_allocations_do_not_overlap),
        cmocka_unit_test(test_cleared_memory_is_cleared_after_reuse),
        cmocka_unit_test(test_the_heap_is_used_only_beyond_the_callers_memory),
        cmocka_unit_test(test_unaligned_memory_of_the_caller_gives_aligned_objects),
        cmocka_unit_test(test_what_alignment_costs_counts_as_used),
        cmocka_unit_test(test_an_object_larger_than_a_block_fits),
        cmocka_unit_test(test_a_copy_ends_in_nul_and_outlives_its_source),
        cmocka_unit_test(test_reset_gives_the_heap_back_and_starts_anew),
        cmocka_unit_test(test_a_finished_arena_is_empty_and_usable),
        cmocka_unit_test(test_what_is_used_is_enough_for_the_same_again),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
