/*
 * http1_request_test.c: a catalogue of requests as bytes. Each says which rule it stands for, and
 * each is also found with its bytes split at every place.
 */
#include "core/error.h"
#include "core/mem.h"
#include "core/strbuf.h"
#include "tests/unit/test.h"
#include "transport/http1.h"

static const http1_limits_t LIMITS = HTTP1_LIMITS_DEFAULT;

/* Bytes with their length, since some have a NUL inside. */
#define RAW(text)                                                                                  \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }
#define HOST           "Host: a\r\n"
#define GET(fields)    RAW("GET / HTTP/1.1\r\n" HOST fields "\r\n")
#define POST(fields)   RAW("POST / HTTP/1.1\r\n" HOST fields "\r\n")
#define TARGET(target) RAW("GET " target " HTTP/1.1\r\n" HOST "\r\n")
#define ONLY(fields)   RAW("GET / HTTP/1.1\r\n" fields "\r\n")
#define OLD(fields)    RAW("GET / HTTP/1.0\r\n" fields "\r\n")
#define ABSOLUTE(t, h) RAW("GET " t " HTTP/1.1\r\n" h "\r\n")

/* What the head means, in one line: see describe(). */
typedef struct taken {
    const char *source;
    slice_t raw;
    const char *want;
} taken_t;

static const taken_t TAKEN[] = {
    {"9112 3", GET(""), "GET / a 1.1 none keep"},
    {"9112 3", RAW("OPTIONS /x HTTP/1.1\r\n" HOST "\r\n"), "OPTIONS /x a 1.1 none keep"},
    {"9112 3.2.1", TARGET("/a/b.c?d=e&f"), "GET /a/b.c?d=e&f a 1.1 none keep"},
    {"9112 3.2.1", TARGET("/?"), "GET /? a 1.1 none keep"},
    {"9112 3.2.1", TARGET("//x"), "GET //x a 1.1 none keep"},
    {"9112 3.2.1", TARGET("/a?b?c/../d%zz"), "GET /a?b?c/../d%zz a 1.1 none keep"},
    {"3986 6.2.2", TARGET("/%61%2db/c%c3%a9?%61"), "GET /a-b/c%C3%A9?%61 a 1.1 none keep"},
    {"9112 3.2.2", ABSOLUTE("http://a/p?q", HOST), "GET /p?q a 1.1 none keep"},
    {"9112 3.2.2", ABSOLUTE("http://a", HOST), "GET / a 1.1 none keep"},
    {"9112 3.2.2", ABSOLUTE("http://a?q", HOST), "GET /?q a 1.1 none keep"},
    {"9112 3.2.2", ABSOLUTE("HTTPS://A/", HOST), "GET / a 1.1 none keep"},
    {"9112 3.2.2", ABSOLUTE("http://a:80/", HOST), "GET / a 1.1 none keep"},
    {"9112 3.2.2", ABSOLUTE("https://a/", "Host: a:443\r\n"), "GET / a 1.1 none keep"},
    {"9112 3.2.2", ABSOLUTE("http://a/%41b/c?d", HOST), "GET /Ab/c?d a 1.1 none keep"},
    {"9112 3.2.2", RAW("GET http://b/ HTTP/1.0\r\n\r\n"), "GET / b 1.0 none close"},
    {"9112 3.2.4", RAW("OPTIONS * HTTP/1.1\r\n" HOST "\r\n"), "OPTIONS * a 1.1 none keep"},
    {"9112 3.2.4", RAW("OPTIONS http://a HTTP/1.1\r\n" HOST "\r\n"), "OPTIONS * a 1.1 none keep"},
    {"9112 3.2.4", RAW("OPTIONS http://a/ HTTP/1.1\r\n" HOST "\r\n"), "OPTIONS / a 1.1 none keep"},
    {"9112 2.2", RAW("\r\nGET / HTTP/1.1\r\n" HOST "\r\n"), "GET / a 1.1 none keep"},
    {"9112 5.1", ONLY("Host:a\r\n"), "GET / a 1.1 none keep"},
    {"9112 5.1", ONLY("hOsT: \t a\t \r\n"), "GET / a 1.1 none keep"},
    {"9110 5.5", GET("X: caf\xc3\xa9 \"\\\" (c)\r\n"), "GET / a 1.1 none keep"},
    {"9110 5.5", GET("X:\r\nY: \r\n"), "GET / a 1.1 none keep"},
    {"9110 5.6.2", GET("!#$%&'*+-.^_`|~09aZ: 1\r\n"), "GET / a 1.1 none keep"},
    {"9110 7.2", ONLY("Host: A.Example:8080\r\n"), "GET / a.example 1.1 none keep"},
    {"9110 7.2", ONLY("Host: [::1]:80\r\n"), "GET / [::1] 1.1 none keep"},
    {"9110 7.2", ONLY("Host: example.com.\r\n"), "GET / example.com 1.1 none keep"},
    {"9112 6.2", POST("Content-Length: 5\r\n"), "POST / a 1.1 length=5 keep"},
    {"9112 6.2", POST("Content-Length: 0\r\n"), "POST / a 1.1 length=0 keep"},
    {"9112 6.2", POST("Content-Length: 0042\r\n"), "POST / a 1.1 length=42 keep"},
    {"9112 6.2", POST("content-length:9223372036854775807\r\n"),
     "POST / a 1.1 length=9223372036854775807 keep"},
    {"9112 6.3", POST(""), "POST / a 1.1 none keep"},
    {"9112 6.3", GET("Content-Length: 3\r\n"), "GET / a 1.1 length=3 keep"},
    {"9112 7.1", POST("Transfer-Encoding: chunked\r\n"), "POST / a 1.1 chunked keep"},
    {"9112 7.1", POST("TRANSFER-ENCODING: \t Chunked \r\n"), "POST / a 1.1 chunked keep"},
    {"9112 7.1", RAW("PUT http://a/b?c HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"),
     "PUT /b?c a 1.1 chunked keep"},
    {"9112 7.1", RAW("PUT /%41/longer?c HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"),
     "PUT /A/longer?c a 1.1 chunked keep"},
    {"9112 9.3", GET("Connection: close\r\n"), "GET / a 1.1 none close"},
    {"9112 9.3", GET("Connection: Keep-Alive\r\n"), "GET / a 1.1 none keep"},
    {"9112 9.3", GET("Connection: keep-alive, close\r\n"), "GET / a 1.1 none close"},
    {"9112 9.3", GET("Connection: x\r\nConnection: CLOSE\r\n"), "GET / a 1.1 none close"},
    {"9112 9.3", GET("Connection: closed\r\n"), "GET / a 1.1 none keep"},
    {"9112 9.3", OLD(HOST), "GET / a 1.0 none close"},
    {"9112 9.3", OLD(HOST "Connection: keep-alive\r\n"), "GET / a 1.0 none keep"},
    {"9112 9.3", OLD(HOST "Connection: keep-alive, close\r\n"), "GET / a 1.0 none close"},
    {"9112 3.2", OLD(""), "GET /  1.0 none close"},
    {"9112 6.2", RAW("POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\n"), "POST /  1.0 length=2 close"},
    {"9110 10.1.1", POST("Expect: 100-continue\r\nContent-Length: 5\r\n"),
     "POST / a 1.1 length=5 keep expect"},
    {"9110 10.1.1", POST("Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n"),
     "POST / a 1.1 chunked keep expect"},
    {"9110 10.1.1", POST("Expect: 100-continue\r\nContent-Length: 0\r\n"),
     "POST / a 1.1 length=0 keep"},
    {"9110 10.1.1", GET("Expect: 100-continue\r\n"), "GET / a 1.1 none keep"},
    {"9110 10.1.1", RAW("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"),
     "POST /  1.0 length=5 close"},
    {"9110 7.8", GET("Connection: Upgrade\r\nUpgrade: websocket\r\n"),
     "GET / a 1.1 none keep upgrade"},
    {"9110 7.8", GET("Connection: keep-alive, upgrade\r\nUpgrade: foo/2\r\n"),
     "GET / a 1.1 none keep upgrade"},
    {"9110 7.8", GET("Upgrade: websocket\r\n"), "GET / a 1.1 none keep"},
    {"9110 7.8", GET("Connection: upgrade\r\n"), "GET / a 1.1 none keep"},
    {"9110 7.8", GET("Connection: upgrade\r\nUpgrade: a, b\r\n"), "GET / a 1.1 none keep"},
    {"9110 7.8", GET("Connection: upgrade\r\nUpgrade: a\r\nUpgrade: b\r\n"),
     "GET / a 1.1 none keep"},
    {"9110 7.8", GET("Connection: upgrade\r\nUpgrade: a/\r\n"), "GET / a 1.1 none keep"},
    {"9110 7.8", POST("Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n"),
     "POST / a 1.1 length=1 keep"},
    {"9110 7.8", OLD("Connection: upgrade\r\nUpgrade: websocket\r\n"), "GET /  1.0 none close"},
    {"h2c smuggling", GET("Connection: Upgrade\r\nUpgrade: h2c\r\n"), "GET / a 1.1 none keep"},
    {"h2c smuggling", GET("Connection: Upgrade\r\nUpgrade: H2C/1\r\n"), "GET / a 1.1 none keep"},
    {"9110 9.1", RAW("PATCH / HTTP/1.1\r\n" HOST "\r\n"), "PATCH / a 1.1 none keep"},
    {"4918 9.1", RAW("PROPFIND / HTTP/1.1\r\n" HOST "\r\n"), "PROPFIND / a 1.1 none keep"},
    {"9110 9.3.2", RAW("HEAD / HTTP/1.1\r\n" HOST "\r\n"), "HEAD / a 1.1 none keep"},
};

typedef struct refused {
    const char *source;
    slice_t raw;
    http1_reject_id_t why;
} refused_t;

static const refused_t REFUSED[] = {
    {"9112 2.2 bare LF", RAW("GET / HTTP/1.1\n" HOST "\r\n"), HTTP1_BARE_LF},
    {"9112 2.2 bare LF", RAW("GET / HTTP/1.1\r\nHost: a\n\r\n"), HTTP1_BARE_LF},
    {"9112 2.2 bare LF", RAW("GET / HTTP/1.1\r\nHost: a\r\n\n"), HTTP1_BARE_LF},
    {"9112 2.2 bare LF", RAW("GET / HTTP/1.1\r\nHost: a\r\nX: b\nY: c\r\n\r\n"), HTTP1_BARE_LF},
    {"9112 2.2 bare LF", RAW("\nGET / HTTP/1.1\r\n" HOST "\r\n"), HTTP1_BARE_LF},
    {"9112 2.2 bare CR", GET("X: a\rb\r\n"), HTTP1_BARE_CR},
    {"9112 2.2 bare CR", GET("X: a\r\r\n"), HTTP1_BARE_CR},
    {"9112 2.2 bare CR", GET("X\r: a\r\n"), HTTP1_BARE_CR},
    {"9112 2.2 bare CR", RAW("GET / HTTP/1.1\r" HOST "\r\n"), HTTP1_BARE_CR},
    {"9112 2.2 bare CR", RAW("GET /\r HTTP/1.1\r\n" HOST "\r\n"), HTTP1_BARE_CR},
    {"9112 2.2 bare CR", GET("content\rlength: 1\r\n"), HTTP1_BARE_CR},
    {"9112 2.2 two empty lines", RAW("\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n"), HTTP1_EMPTY_LINE},
    {"9112 2.2 space in front", RAW(" GET / HTTP/1.1\r\n" HOST "\r\n"), HTTP1_START_LINE},
    {"9112 2.2 space in front", RAW("GET / HTTP/1.1\r\n " HOST "\r\n"), HTTP1_FIELD_FOLD},
    {"9110 5.5 NUL", GET("X: a\0b\r\n"), HTTP1_CONTROL},
    {"9110 5.5 control",
     GET("X: a\x01"
         "b\r\n"),
     HTTP1_CONTROL},
    {"9110 5.5 control", GET("X: a\x7f\r\n"), HTTP1_CONTROL},
    {"9110 5.5 control", GET("X: a\x0b\r\n"), HTTP1_CONTROL},
    {"9112 3 NUL", TARGET("/\0"), HTTP1_CONTROL},
    {"9112 3 tab", RAW("GET\t/ HTTP/1.1\r\n" HOST "\r\n"), HTTP1_START_LINE},
    {"9112 3 tab", RAW("GET /\tHTTP/1.1\r\n" HOST "\r\n"), HTTP1_TARGET_BYTE},
    {"9112 3 two spaces", RAW("GET  / HTTP/1.1\r\n" HOST "\r\n"), HTTP1_START_LINE},
    {"9112 3 two spaces", RAW("GET /  HTTP/1.1\r\n" HOST "\r\n"), HTTP1_START_LINE},
    {"9112 3 space in target", TARGET("/a b"), HTTP1_START_LINE},
    {"9112 3 space behind", RAW("GET / HTTP/1.1 \r\n" HOST "\r\n"), HTTP1_START_LINE},
    {"9112 3 no target", RAW("GET HTTP/1.1\r\n" HOST "\r\n"), HTTP1_START_LINE},
    {"9112 3 only a method", RAW("GET\r\n" HOST "\r\n"), HTTP1_START_LINE},
    {"9112 3 HTTP/0.9", RAW("GET /\r\n\r\n"), HTTP1_START_LINE},
    {"9112 3 no method", RAW(" / HTTP/1.1\r\n" HOST "\r\n"), HTTP1_START_LINE},
    {"9112 3 TLS", RAW("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"), HTTP1_CONTROL},
    {"9110 9.1 method no token", RAW("G(T / HTTP/1.1\r\n" HOST "\r\n"), HTTP1_START_LINE},
    {"9110 9.1 method no token", RAW("GET\xc3\xa9 / HTTP/1.1\r\n" HOST "\r\n"), HTTP1_START_LINE},
    {"9110 9.1 long method", RAW("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA / HTTP/1.1\r\n" HOST "\r\n"),
     HTTP1_START_LINE},
    {"9110 9.1 unknown", RAW("BREW / HTTP/1.1\r\n" HOST "\r\n"), HTTP1_METHOD},
    {"9110 9.1 unknown", RAW("GETT / HTTP/1.1\r\n" HOST "\r\n"), HTTP1_METHOD},
    {"9110 9.1 unknown", RAW("GE / HTTP/1.1\r\n" HOST "\r\n"), HTTP1_METHOD},
    {"9110 9.1 case", RAW("get / HTTP/1.1\r\n" HOST "\r\n"), HTTP1_METHOD},
    {"9110 9.3.6", RAW("CONNECT a:80 HTTP/1.1\r\n" HOST "\r\n"), HTTP1_METHOD},
    {"9110 9.3.8", RAW("TRACE / HTTP/1.1\r\n" HOST "\r\n"), HTTP1_METHOD},
    {"9112 2.3 HTTP/2 preface", RAW("PRI * HTTP/2.0\r\n\r\n"), HTTP1_VERSION},
    {"9112 2.3", RAW("GET / HTTP/1.2\r\n" HOST "\r\n"), HTTP1_VERSION},
    {"9112 2.3", RAW("GET / HTTP/0.9\r\n" HOST "\r\n"), HTTP1_VERSION},
    {"9112 2.3", RAW("GET / HTTP/3.0\r\n" HOST "\r\n"), HTTP1_VERSION},
    {"9112 2.3 case", RAW("GET / http/1.1\r\n" HOST "\r\n"), HTTP1_START_LINE},
    {"9112 2.3", RAW("GET / HTTP/1.11\r\n" HOST "\r\n"), HTTP1_START_LINE},
    {"9112 2.3", RAW("GET / HTTP/01.1\r\n" HOST "\r\n"), HTTP1_START_LINE},
    {"9112 2.3", RAW("GET / HTTP/1\r\n" HOST "\r\n"), HTTP1_START_LINE},
    {"9112 2.3", RAW("GET / HTTP/1.x\r\n" HOST "\r\n"), HTTP1_START_LINE},
    {"9112 2.3", RAW("GET / HTTP /1.1\r\n" HOST "\r\n"), HTTP1_START_LINE},
    {"9112 2.3", RAW("GET / ICE/1.0\r\n" HOST "\r\n"), HTTP1_START_LINE},
    {"9112 3.2 fragment", TARGET("/a#b"), HTTP1_TARGET_BYTE},
    {"9112 3.2 fragment", TARGET("#"), HTTP1_TARGET_BYTE},
    {"9112 3.2 8-bit", TARGET("/caf\xc3\xa9"), HTTP1_TARGET_BYTE},
    {"9112 3.2 8-bit", TARGET("/?\xff"), HTTP1_TARGET_BYTE},
    {"9112 3.2 DEL", TARGET("/\x7f"), HTTP1_CONTROL},
    {"9112 3.2 form", TARGET("a"), HTTP1_TARGET_FORM},
    {"9112 3.2 form", TARGET("?a"), HTTP1_TARGET_FORM},
    {"9112 3.2 form", TARGET("**"), HTTP1_TARGET_FORM},
    {"9112 3.2.3 form", TARGET("a:80"), HTTP1_TARGET_FORM},
    {"9112 3.2.4 only OPTIONS", TARGET("*"), HTTP1_TARGET_FORM},
    {"9112 3.2.2 scheme", TARGET("ftp://a/"), HTTP1_TARGET_FORM},
    {"9112 3.2.2 scheme", TARGET("http:/a/"), HTTP1_TARGET_FORM},
    {"9112 3.2.2 no authority", TARGET("http:///a"), HTTP1_TARGET_FORM},
    {"9112 3.2.2 authority", TARGET("http://u@a/"), HTTP1_HOST_INVALID},
    {"9112 3.2.2 authority", TARGET("http://a:x/"), HTTP1_HOST_INVALID},
    {"9112 3.2.2 Host differs", TARGET("http://b/"), HTTP1_HOST_MISMATCH},
    {"9112 3.2.2 port differs", TARGET("http://a:81/"), HTTP1_HOST_MISMATCH},
    {"9112 3.2.2 port differs", TARGET("https://a:80/"), HTTP1_HOST_MISMATCH},
    {"9112 3.2.2 no Host", ABSOLUTE("http://a/", ""), HTTP1_HOST_MISSING},
    {"3986 3.3 dots", TARGET("/.."), HTTP1_PATH_DOTS},
    {"3986 3.3 dots", TARGET("/a/./b"), HTTP1_PATH_DOTS},
    {"3986 3.3 dots", TARGET("/../a-target-longer-than-one-block"), HTTP1_PATH_DOTS},
    {"3986 3.3 dots", TARGET("/a-target-longer-than-one-block/.."), HTTP1_PATH_DOTS},
    {"3986 3.3 dots", TARGET("/a/../b?x"), HTTP1_PATH_DOTS},
    {"3986 3.3 dots", TARGET("http://a/.."), HTTP1_PATH_DOTS},
    {"path parameters", TARGET("/a/..;x=1/b"), HTTP1_PATH_DOTS},
    {"3986 2.4 hidden", TARGET("/%2e%2e/a"), HTTP1_PATH_HIDDEN},
    {"3986 2.4 hidden", TARGET("/a%2Fb"), HTTP1_PATH_HIDDEN},
    {"3986 2.4 hidden", TARGET("/a%5cb"), HTTP1_PATH_HIDDEN},
    {"3986 2.4 hidden", TARGET("/a%00"), HTTP1_PATH_HIDDEN},
    {"3629 3 overlong", TARGET("/%c0%ae%c0%ae/"), HTTP1_PATH_HIDDEN},
    {"3986 2.1", TARGET("/a%"), HTTP1_PATH_ENCODING},
    {"3986 2.1", TARGET("/a%g1"), HTTP1_PATH_ENCODING},
    {"backslash", TARGET("/a\\b"), HTTP1_PATH_BACKSLASH},
    {"9112 5.1 space before colon", GET("X : a\r\n"), HTTP1_FIELD_SPACE},
    {"9112 5.1 space before colon", GET("X\t: a\r\n"), HTTP1_FIELD_SPACE},
    {"9112 5.1 space before colon", POST("Content-Length : 5\r\n"), HTTP1_FIELD_SPACE},
    {"9112 5.1 space before colon", POST("Transfer-Encoding : chunked\r\n"), HTTP1_FIELD_SPACE},
    {"9112 5.2 folding", GET("X: a\r\n b\r\n"), HTTP1_FIELD_FOLD},
    {"9112 5.2 folding", GET("X: a\r\n\tb\r\n"), HTTP1_FIELD_FOLD},
    {"9112 5.2 folding", GET("X: a\r\n \r\n"), HTTP1_FIELD_FOLD},
    {"9112 5.2 folding", POST("Transfer-Encoding:\r\n chunked\r\n"), HTTP1_FIELD_FOLD},
    {"9112 5 no colon", GET("X\r\n"), HTTP1_FIELD_NAME},
    {"9112 5 no colon", GET("X\r\nY: a\r\n"), HTTP1_FIELD_NAME},
    {"9112 5 empty name", GET(": a\r\n"), HTTP1_FIELD_NAME},
    {"9110 5.1 name", GET("X Y: a\r\n"), HTTP1_FIELD_SPACE},
    {"9110 5.1 name", GET("X(: a\r\n"), HTTP1_FIELD_NAME},
    {"9110 5.1 name", GET("X\"Y\": a\r\n"), HTTP1_FIELD_NAME},
    {"9110 5.1 name", GET("X/Y: a\r\n"), HTTP1_FIELD_NAME},
    {"9110 5.1 name", GET("X\xc3\xa9: a\r\n"), HTTP1_FIELD_NAME},
    {"9110 5.1 name", GET("X\0Y: a\r\n"), HTTP1_CONTROL},
    {"9110 5.1 name", GET("a-name-longer-than-a-block@: a\r\n"), HTTP1_FIELD_NAME},
    {"9110 5.1 name", GET("a-name-longer-than-a-block : a\r\n"), HTTP1_FIELD_SPACE},
    {"9112 3.2 Host", ONLY(""), HTTP1_HOST_MISSING},
    {"9112 3.2 Host", ONLY("X: a\r\n"), HTTP1_HOST_MISSING},
    {"9112 3.2 Host", GET(HOST), HTTP1_HOST_REPEATED},
    {"9112 3.2 Host", GET("host: b\r\n"), HTTP1_HOST_REPEATED},
    {"9112 3.2 Host", OLD(HOST "Host: b\r\n"), HTTP1_HOST_REPEATED},
    {"9112 3.2 Host", ONLY("Host:\r\n"), HTTP1_HOST_INVALID},
    {"9112 3.2 Host", ONLY("Host: a b\r\n"), HTTP1_HOST_INVALID},
    {"9112 3.2 Host", ONLY("Host: a,b\r\n"), HTTP1_HOST_INVALID},
    {"9112 3.2 Host", ONLY("Host: a/b\r\n"), HTTP1_HOST_INVALID},
    {"9112 3.2 Host", ONLY("Host: u@a\r\n"), HTTP1_HOST_INVALID},
    {"9112 3.2 Host", ONLY("Host: a:\r\n"), HTTP1_HOST_INVALID},
    {"9112 3.2 Host", ONLY("Host: a:99999\r\n"), HTTP1_HOST_INVALID},
    {"9112 3.2 Host", ONLY("Host: [::1\r\n"), HTTP1_HOST_INVALID},
    {"9112 3.2 Host", ONLY("Host: http://a\r\n"), HTTP1_HOST_INVALID},
    {"9112 3.2 Host", OLD("Host: ..\r\n"), HTTP1_HOST_INVALID},
    {"9112 6.3 CL", POST("Content-Length: 5\r\nContent-Length: 6\r\n"), HTTP1_LENGTH_REPEATED},
    {"9112 6.3 CL", POST("Content-Length: 5\r\nX: y\r\ncontent-length: 5\r\n"),
     HTTP1_LENGTH_REPEATED},
    {"9112 6.3 CL", POST("Content-Length: 5, 5\r\n"), HTTP1_LENGTH_INVALID},
    {"9112 6.3 CL", POST("Content-Length: +5\r\n"), HTTP1_LENGTH_INVALID},
    {"9112 6.3 CL", POST("Content-Length: -5\r\n"), HTTP1_LENGTH_INVALID},
    {"9112 6.3 CL", POST("Content-Length: 0x5\r\n"), HTTP1_LENGTH_INVALID},
    {"9112 6.3 CL", POST("Content-Length: 5.0\r\n"), HTTP1_LENGTH_INVALID},
    {"9112 6.3 CL", POST("Content-Length: 5 6\r\n"), HTTP1_LENGTH_INVALID},
    {"9112 6.3 CL", POST("Content-Length:\r\n"), HTTP1_LENGTH_INVALID},
    {"9112 6.3 CL", POST("Content-Length: \"5\"\r\n"), HTTP1_LENGTH_INVALID},
    {"9112 6.3 CL", POST("Content-Length: 9223372036854775808\r\n"), HTTP1_LENGTH_INVALID},
    {"9112 6.3 CL", POST("Content-Length: 18446744073709551617\r\n"), HTTP1_LENGTH_INVALID},
    {"9112 6.3 CL", POST("Content-Length: 00000000000000000005\r\n"), HTTP1_LENGTH_INVALID},
    {"9112 6.3 CL", GET("Content-Length: a\r\n"), HTTP1_LENGTH_INVALID},
    {"9112 6.1 CL.TE", POST("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
     HTTP1_LENGTH_AND_CODING},
    {"9112 6.1 TE.CL", POST("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"),
     HTTP1_LENGTH_AND_CODING},
    {"9112 6.1 TE.TE", POST("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
     HTTP1_CODING_REPEATED},
    {"9112 6.1 TE.TE", POST("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n"),
     HTTP1_CODING_REPEATED},
    {"9112 6.1", POST("Transfer-Encoding: identity\r\n"), HTTP1_CODING_UNKNOWN},
    {"9112 6.1", POST("Transfer-Encoding: gzip, chunked\r\n"), HTTP1_CODING_UNKNOWN},
    {"9112 6.1", POST("Transfer-Encoding: chunked, gzip\r\n"), HTTP1_CODING_UNKNOWN},
    {"9112 6.1", POST("Transfer-Encoding: chunked, chunked\r\n"), HTTP1_CODING_UNKNOWN},
    {"9112 6.1", POST("Transfer-Encoding: chunked,\r\n"), HTTP1_CODING_UNKNOWN},
    {"9112 6.1", POST("Transfer-Encoding: ,chunked\r\n"), HTTP1_CODING_UNKNOWN},
    {"9112 6.1", POST("Transfer-Encoding: xchunked\r\n"), HTTP1_CODING_UNKNOWN},
    {"9112 6.1", POST("Transfer-Encoding: chunked;q=1\r\n"), HTTP1_CODING_UNKNOWN},
    {"9112 6.1", POST("Transfer-Encoding: \"chunked\"\r\n"), HTTP1_CODING_UNKNOWN},
    {"9112 6.1",
     POST("Transfer-Encoding: \x0b"
          "chunked\r\n"),
     HTTP1_CONTROL},
    {"9112 6.1", POST("Transfer-Encoding:\r\n"), HTTP1_CODING_UNKNOWN},
    {"9112 6.1 HTTP/1.0", RAW("POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"),
     HTTP1_CODING_VERSION},
    {"9110 10.1.1", POST("Expect: 200-ok\r\nContent-Length: 1\r\n"), HTTP1_EXPECTATION},
    {"9110 10.1.1", POST("Expect: 100-continue, x\r\nContent-Length: 1\r\n"), HTTP1_EXPECTATION},
    {"9110 10.1.1", POST("Expect: 100-continue\r\nExpect: 100-continue\r\n"), HTTP1_EXPECTATION},
    {"9110 7.6.1", GET("Connection: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q\r\n"),
     HTTP1_CONNECTION_OPTIONS},
};

enum {
    TAKEN_COUNT = sizeof(TAKEN) / sizeof(TAKEN[0]),
    REFUSED_COUNT = sizeof(REFUSED) / sizeof(REFUSED[0])
};

/* What came of a request: a head in memory of exactly its size, or why there is none. */
typedef struct outcome {
    int result; /* of the scan if that refused, else of the parser */
    char *memory;
    size_t used; /* bytes up to the end of the head */
    http_request_head_t head;
    http1_reject_t why;
    arena_t arena;
} outcome_t;

static void parse(outcome_t *o, slice_t raw, const http1_limits_t *limits)
{
    o->memory = xmalloc(raw.len);
    memcpy(o->memory, raw.base, raw.len);
    o->result = http1_parse_request(o->memory, raw.len, &o->arena, limits, &o->head, &o->why);
}

/* Scans what came first, then all of it, then parses. */
static void run_split(outcome_t *o, slice_t raw, size_t first, const http1_limits_t *limits)
{
    *o = (outcome_t){0};
    http1_scan_t scan = {0};
    char *bytes = xmalloc(raw.len);
    memcpy(bytes, raw.base, raw.len);
    o->result = http1_scan_head(&scan, slice_make(bytes, first), limits, &o->why);
    if (o->result == GW_EAGAIN)
        o->result = http1_scan_head(&scan, slice_make(bytes, raw.len), limits, &o->why);
    o->used = scan.start + scan.len;
    if (o->result == 0)
        parse(o, slice_make(bytes + scan.start, scan.len), limits);
    free(bytes);
}

static void drop(outcome_t *o)
{
    arena_fini(&o->arena);
    free(o->memory);
}

static const char *framing_name(http_framing_t framing)
{
    return framing == HTTP_BODY_NONE ? "none" : framing == HTTP_BODY_CHUNKED ? "chunked" : "length";
}

/* METHOD path[?query] host version framing keep|close [expect] [upgrade] */
static char *describe(const http_request_head_t *head)
{
    strbuf_t text = {0};
    strbuf_printf(&text, "%.*s %.*s", SLICE_ARG(head->method), SLICE_ARG(head->path));
    if (head->has_query)
        strbuf_printf(&text, "?%.*s", SLICE_ARG(head->query));
    strbuf_printf(&text, " %.*s 1.%d %s", SLICE_ARG(head->host), head->minor,
                  framing_name(head->framing));
    if (head->framing == HTTP_BODY_LENGTH)
        strbuf_printf(&text, "=%llu", (unsigned long long)head->content_length);
    strbuf_add_text(&text, head->keep_alive ? " keep" : " close");
    strbuf_add_text(&text, head->expect_continue ? " expect" : "");
    strbuf_add_text(&text, head->upgrade ? " upgrade" : "");
    return strbuf_take(&text);
}

static void check_taken(const taken_t *wanted, size_t first)
{
    outcome_t o;
    run_split(&o, wanted->raw, first, &LIMITS);
    if (o.result)
        fail_msg("%s: %s: refused: %s", wanted->source, wanted->want, o.why.reason);
    char *got = describe(&o.head);
    if (strcmp(got, wanted->want) != 0)
        fail_msg("%s: got \"%s\", want \"%s\"", wanted->source, got, wanted->want);
    assert_int_equal(o.used, wanted->raw.len);
    free(got);
    drop(&o);
}

static void test_good_requests_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < TAKEN_COUNT; i++) {
        for (size_t first = 0; first <= TAKEN[i].raw.len; first++)
            check_taken(&TAKEN[i], first);
    }
}

/* The parser relies on no scan. */
static void test_bad_requests_are_refused_by_the_parser_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < REFUSED_COUNT; i++) {
        outcome_t o = {0};
        /* an empty line in front is no business of the parser */
        bool skip = REFUSED[i].why == HTTP1_EMPTY_LINE;
        parse(&o, REFUSED[i].raw, &LIMITS);
        assert_int_equal(o.result, GW_EPARSE);
        if (!skip && o.why.id != REFUSED[i].why)
            fail_msg("case %zu, %s: %s", i, REFUSED[i].source, o.why.reason);
        assert_null(o.head.method.base);
        drop(&o);
    }
}

/* The scan may see another fault first, but never takes what the parser refuses. */
static void test_bad_requests_are_refused_wherever_they_are_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < REFUSED_COUNT; i++) {
        for (size_t first = 0; first <= REFUSED[i].raw.len; first++) {
            outcome_t o;
            run_split(&o, REFUSED[i].raw, first, &LIMITS);
            if (o.result != GW_EPARSE)
                fail_msg("case %zu, %s: split at %zu: taken", i, REFUSED[i].source, first);
            assert_in_range(o.why.status, 400, 505);
            drop(&o);
        }
    }
}

/* Cut anywhere, no head is complete, and the parser does not read beyond what there is. */
static void test_a_part_of_a_request_is_no_request(void **state)
{
    (void)state;
    for (size_t i = 0; i < TAKEN_COUNT; i++) {
        for (size_t len = 1; len < TAKEN[i].raw.len; len++) {
            outcome_t o = {0};
            parse(&o, slice_sub(TAKEN[i].raw, 0, len), &LIMITS);
            assert_int_equal(o.result, GW_EPARSE);
            drop(&o);
        }
    }
}

static void test_more_than_a_head_is_no_head(void **state)
{
    (void)state;
    outcome_t o = {0};
    parse(&o, SLICE("GET / HTTP/1.1\r\nHost: a\r\n\r\nX"), &LIMITS);
    assert_int_equal(o.result, GW_EPARSE);
    assert_int_equal(o.why.id, HTTP1_INCOMPLETE);
    drop(&o);
}

static void test_each_refusal_has_its_status(void **state)
{
    (void)state;
    assert_int_equal(http1_reject_of(HTTP1_BARE_LF).status, 400);
    assert_int_equal(http1_reject_of(HTTP1_TARGET_SIZE).status, 414);
    assert_int_equal(http1_reject_of(HTTP1_HEAD_SIZE).status, 431);
    assert_int_equal(http1_reject_of(HTTP1_FIELD_COUNT).status, 431);
    assert_int_equal(http1_reject_of(HTTP1_METHOD).status, 501);
    assert_int_equal(http1_reject_of(HTTP1_VERSION).status, 505);
    assert_int_equal(http1_reject_of(HTTP1_EXPECTATION).status, 417);
    for (int id = 1; id < HTTP1_REJECT_COUNT; id++) {
        assert_int_equal(http1_reject_of((http1_reject_id_t)id).id, id);
        assert_non_null(http1_reject_of((http1_reject_id_t)id).reason);
    }
}

static http1_reject_id_t refusal(slice_t raw, http1_limits_t limits)
{
    outcome_t o = {0};
    parse(&o, raw, &limits);
    http1_reject_id_t id = o.result ? (http1_reject_id_t)o.why.id : HTTP1_OK;
    drop(&o);
    return id;
}

static void test_limits_hold_to_the_byte(void **state)
{
    (void)state;
    slice_t raw = SLICE("GET /12345 HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n");
    http1_limits_t limits = {(uint32_t)raw.len, 6, 2};
    assert_int_equal(refusal(raw, limits), HTTP1_OK);
    limits.head_bytes--;
    assert_int_equal(refusal(raw, limits), HTTP1_HEAD_SIZE);
    limits.head_bytes++;
    limits.target_bytes--;
    assert_int_equal(refusal(raw, limits), HTTP1_TARGET_SIZE);
    limits.target_bytes++;
    limits.field_count--;
    assert_int_equal(refusal(raw, limits), HTTP1_FIELD_COUNT);
}

static void test_fields_are_kept_as_they_came(void **state)
{
    (void)state;
    outcome_t o = {0};
    parse(&o, SLICE("GET / HTTP/1.1\r\nHOST: a\r\nX-One:  1 2 \r\nx-one:3\r\nVia: v\r\n\r\n"),
          &LIMITS);
    assert_int_equal(o.result, 0);
    const http_headers_t *headers = &o.head.headers;
    assert_int_equal(headers->count, 4);
    assert_slice(headers->at[0].name, "HOST");
    assert_int_equal(headers->at[0].id, HTTP_HEADER_HOST);
    assert_slice(headers->at[1].name, "X-One");
    assert_slice(headers->at[1].value, "1 2");
    assert_slice(headers->at[2].value, "3");
    assert_slice(http_headers_get(headers, HTTP_HEADER_VIA)->value, "v");
    drop(&o);
}

static void test_many_fields_make_the_table_grow(void **state)
{
    (void)state;
    strbuf_t raw = {0};
    strbuf_add_text(&raw, "GET / HTTP/1.1\r\nHost: a\r\n");
    for (int i = 1; i < 100; i++)
        strbuf_printf(&raw, "%d:\r\n", i);
    strbuf_add_text(&raw, "\r\n");
    outcome_t o = {0};
    parse(&o, strbuf_slice(&raw), &LIMITS);
    assert_int_equal(o.result, 0);
    assert_int_equal(o.head.headers.count, 100);
    assert_slice(o.head.headers.at[99].name, "99");
    strbuf_fini(&raw);
    drop(&o);
}

static void test_the_target_is_what_is_matched(void **state)
{
    (void)state;
    outcome_t o = {0};
    parse(&o, SLICE("GET http://A:80/%61/%7e?x=%41 HTTP/1.1\r\nHost: a\r\n\r\n"), &LIMITS);
    assert_int_equal(o.result, 0);
    assert_slice(o.head.target, "http://A:80/a/~?x=%41");
    assert_slice(o.head.authority, "A:80");
    assert_slice(o.head.path, "/a/~");
    assert_slice(o.head.query, "x=%41");
    drop(&o);
}

/* RFC 9110 section 7.6.1, and the abuse of it. */
static void test_fields_that_connection_names_are_gone(void **state)
{
    (void)state;
    outcome_t o = {0};
    parse(&o,
          SLICE("GET / HTTP/1.1\r\nX-Secret: 1\r\nCookie: c\r\nConnection: x-secret, close\r\n"
                "Host: a\r\nX-SECRET: 2\r\nConnection: cookie\r\nUser-Agent: u\r\n\r\n"),
          &LIMITS);
    assert_int_equal(o.result, 0);
    assert_null(http_headers_find(&o.head.headers, SLICE("x-secret")));
    assert_null(http_headers_get(&o.head.headers, HTTP_HEADER_COOKIE));
    assert_slice(http_headers_get(&o.head.headers, HTTP_HEADER_USER_AGENT)->value, "u");
    assert_int_equal(o.head.headers.count, 4);
    assert_false(o.head.keep_alive);
    drop(&o);
}

static void test_connection_cannot_take_away_what_the_gateway_needs(void **state)
{
    (void)state;
    outcome_t o = {0};
    parse(&o,
          SLICE("POST / HTTP/1.1\r\nConnection: host, content-length, x-forwarded-for, "
                "x-forwarded-proto, x-forwarded-host, forwarded, x-request-id, upgrade\r\n"
                "Host: a\r\nContent-Length: 3\r\nX-Forwarded-For: 1\r\nX-Forwarded-Proto: p\r\n"
                "X-Forwarded-Host: h\r\nForwarded: f\r\nX-Request-Id: i\r\n\r\n"),
          &LIMITS);
    assert_int_equal(o.result, 0);
    assert_int_equal(o.head.headers.count, 8);
    assert_int_equal(o.head.content_length, 3);
    drop(&o);
}

/* A field that Connection takes away while Upgrade stands behind it. */
static void test_upgrade_is_found_behind_a_field_that_is_gone(void **state)
{
    (void)state;
    outcome_t o = {0};
    parse(&o,
          SLICE("GET / HTTP/1.1\r\nX: 1\r\nHost: a\r\nConnection: x, upgrade\r\n"
                "Upgrade: websocket\r\nVia: v\r\n\r\n"),
          &LIMITS);
    assert_int_equal(o.result, 0);
    assert_true(o.head.upgrade);
    assert_int_equal(o.head.headers.count, 4);
    drop(&o);
}

static void test_a_typical_request_needs_no_heap(void **state)
{
    (void)state;
    char memory[2048], head[] = "GET /x HTTP/1.1\r\nHost: example.com\r\nUser-Agent: x\r\n"
                                "Accept: */*\r\nConnection: keep-alive\r\n\r\n";
    arena_t arena;
    arena_init_with(&arena, memory, sizeof(memory));
    http_request_head_t got;
    http1_reject_t why;
    assert_int_equal(http1_parse_request(head, sizeof(head) - 1, &arena, &LIMITS, &got, &why), 0);
    assert_int_equal(arena_heap_size(&arena), 0);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_requests_are_read),
        cmocka_unit_test(test_bad_requests_are_refused_by_the_parser_alone),
        cmocka_unit_test(test_bad_requests_are_refused_wherever_they_are_split),
        cmocka_unit_test(test_a_part_of_a_request_is_no_request),
        cmocka_unit_test(test_more_than_a_head_is_no_head),
        cmocka_unit_test(test_each_refusal_has_its_status),
        cmocka_unit_test(test_limits_hold_to_the_byte),
        cmocka_unit_test(test_fields_are_kept_as_they_came),
        cmocka_unit_test(test_many_fields_make_the_table_grow),
        cmocka_unit_test(test_the_target_is_what_is_matched),
        cmocka_unit_test(test_fields_that_connection_names_are_gone),
        cmocka_unit_test(test_connection_cannot_take_away_what_the_gateway_needs),
        cmocka_unit_test(test_upgrade_is_found_behind_a_field_that_is_gone),
        cmocka_unit_test(test_a_typical_request_needs_no_heap),
    };
    return cmocka_run_group_tests_name("http1_request", tests, NULL, NULL);
}
