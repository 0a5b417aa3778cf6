/*
 * test.h: what every cmocka program of this tree includes: cmocka behind the headers that it
 * wants in front of it, and assertions for our own types.
 */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/slice.h"

/* assert_slice compares a slice with a C string, length first. */
#define assert_slice(actual, expected)                                                             \
    do {                                                                                           \
        slice_t assert_slice_got = (actual);                                                       \
        assert_int_equal(assert_slice_got.len, strlen(expected));                                  \
        if (assert_slice_got.len)                                                                  \
            assert_memory_equal(assert_slice_got.base, expected, assert_slice_got.len);            \
    } while (0)

#endif
