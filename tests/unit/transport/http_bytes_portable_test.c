/* The same tests for machines without SSE2. */
#define HTTP_BYTES_PORTABLE
#include "tests/unit/transport/http_bytes_test.c"
