/*
 * demo_backend.c: the backend of the quickstart: a small HTTP/1.1 server that answers each
 * request with what it saw of it, as JSON. It is an example and a test tool, no part of the
 * gateway.
 *
 *   demo_backend [PORT]
 *
 * It listens on 127.0.0.1 and ends when its parent does. One thread, one libuv loop.
 */
#include <http_parser.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <uv.h>

#include "core/check.h"
#include "core/mem.h"
#include "core/strbuf.h"

enum { DEFAULT_PORT = 8090, MAX_HEAD = 64 * 1024 };

typedef struct client {
    uv_tcp_t tcp;
    http_parser parser;
    strbuf_t path, host, header, headers; /* of the request that is being read */
    bool in_value;
    uint64_t body_bytes;
    char input[16 * 1024];
} client_t;

typedef struct answer {
    uv_write_t write;
    strbuf_t text;
    bool last; /* the connection closes behind it */
} answer_t;

static void on_closed(uv_handle_t *handle)
{
    client_t *client = handle->data;
    strbuf_fini(&client->path);
    strbuf_fini(&client->host);
    strbuf_fini(&client->header);
    strbuf_fini(&client->headers);
    free(client);
}

static void client_close(client_t *client)
{
    if (!uv_is_closing((uv_handle_t *)&client->tcp))
        uv_close((uv_handle_t *)&client->tcp, on_closed);
}

static void on_written(uv_write_t *write, int status)
{
    answer_t *answer = GW_CONTAINER_OF(write, answer_t, write);
    if (status < 0 || answer->last)
        client_close(write->handle->data);
    strbuf_fini(&answer->text);
    free(answer);
}

/* Puts the header field that was read last, "name: value", into the JSON array. */
static void finish_header(client_t *client)
{
    slice_t field = strbuf_slice(&client->header);
    if (field.len == 0)
        return;
    if (client->headers.len)
        strbuf_add_text(&client->headers, ", ");
    strbuf_add_json(&client->headers, field);
    if (slice_eq_nocase(slice_sub(field, 0, 6), SLICE("host: ")))
        strbuf_add(&client->host, slice_sub(field, 6, field.len));
    client->header.len = 0;
    client->in_value = false;
}

static void add_member(strbuf_t *json, const char *name, slice_t value)
{
    strbuf_printf(json, "  \"%s\": ", name);
    strbuf_add_json(json, value);
    strbuf_add_text(json, ",\n");
}

static void describe_request(client_t *client, strbuf_t *json)
{
    strbuf_add_text(json, "{\n");
    add_member(json, "method", slice_of(http_method_str(client->parser.method)));
    add_member(json, "path", strbuf_slice(&client->path));
    add_member(json, "host", strbuf_slice(&client->host));
    strbuf_add_text(json, "  \"headers\": [");
    strbuf_add(json, strbuf_slice(&client->headers));
    strbuf_printf(json, "],\n  \"body_bytes\": %llu\n}\n", (unsigned long long)client->body_bytes);
}

static int on_message_begin(http_parser *parser)
{
    client_t *client = parser->data;
    client->path.len = client->host.len = client->header.len = client->headers.len = 0;
    client->in_value = false;
    client->body_bytes = 0;
    return 0;
}

static int on_url(http_parser *parser, const char *base, size_t len)
{
    client_t *client = parser->data;
    strbuf_add(&client->path, slice_make(base, len));
    return client->path.len > MAX_HEAD;
}

static int on_header_field(http_parser *parser, const char *base, size_t len)
{
    client_t *client = parser->data;
    if (client->in_value)
        finish_header(client);
    strbuf_add(&client->header, slice_make(base, len));
    return client->header.len > MAX_HEAD;
}

static int on_header_value(http_parser *parser, const char *base, size_t len)
{
    client_t *client = parser->data;
    if (!client->in_value)
        strbuf_add_text(&client->header, ": ");
    client->in_value = true;
    strbuf_add(&client->header, slice_make(base, len));
    return client->header.len + client->headers.len > MAX_HEAD;
}

static int on_headers_complete(http_parser *parser)
{
    finish_header(parser->data);
    return 0;
}

static int on_body(http_parser *parser, const char *base, size_t len)
{
    (void)base;
    ((client_t *)parser->data)->body_bytes += len;
    return 0;
}

static int on_message_complete(http_parser *parser)
{
    client_t *client = parser->data;
    strbuf_t json = {0};
    describe_request(client, &json);

    answer_t *answer = xcalloc(1, sizeof(*answer));
    answer->last = !http_should_keep_alive(parser);
    strbuf_printf(&answer->text,
                  "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                  "Content-Length: %zu\r\n%s\r\n",
                  json.len, answer->last ? "Connection: close\r\n" : "");
    if (parser->method != HTTP_HEAD)
        strbuf_add(&answer->text, strbuf_slice(&json));
    strbuf_fini(&json);

    uv_buf_t bytes = uv_buf_init(answer->text.base, (unsigned)answer->text.len);
    if (uv_write(&answer->write, (uv_stream_t *)&client->tcp, &bytes, 1, on_written) != 0) {
        strbuf_fini(&answer->text);
        free(answer);
        return 1;
    }
    return 0;
}

static const http_parser_settings SETTINGS = {
    .on_message_begin = on_message_begin,
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *room)
{
    (void)suggested;
    client_t *client = handle->data;
    *room = uv_buf_init(client->input, sizeof(client->input));
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *bytes)
{
    client_t *client = stream->data;
    if (got < 0) {
        client_close(client);
        return;
    }
    size_t parsed = http_parser_execute(&client->parser, &SETTINGS, bytes->base, (size_t)got);
    if (parsed != (size_t)got)
        client_close(client);
}

static void on_connection(uv_stream_t *server, int status)
{
    if (status < 0)
        return;
    client_t *client = xcalloc(1, sizeof(*client));
    http_parser_init(&client->parser, HTTP_REQUEST);
    uv_tcp_init(server->loop, &client->tcp);
    client->parser.data = client->tcp.data = client;
    if (uv_accept(server, (uv_stream_t *)&client->tcp) != 0 ||
        uv_read_start((uv_stream_t *)&client->tcp, on_room, on_read) != 0)
        client_close(client);
}

/* The kernel sends SIGTERM when the parent ends; a parent that is gone already sends nothing. */
static void end_with_parent(void)
{
    pid_t parent = getppid();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        exit(0);
}

static int listen_on(uv_loop_t *loop, uv_tcp_t *server, uint16_t port)
{
    struct sockaddr_in address;
    uv_ip4_addr("127.0.0.1", port, &address);
    uv_tcp_init(loop, server);
    int error = uv_tcp_bind(server, (const struct sockaddr *)&address, 0);
    return error ? error : uv_listen((uv_stream_t *)server, 128, on_connection);
}

int main(int argc, char **argv)
{
    uint64_t port = DEFAULT_PORT;
    if (argc > 2 || (argc == 2 && slice_to_u64(slice_of(argv[1]), &port) != 0) || port > 65535) {
        fprintf(stderr, "usage: demo_backend [PORT]\n");
        return 2;
    }
    end_with_parent();
    signal(SIGPIPE, SIG_IGN);

    uv_tcp_t server;
    int error = listen_on(uv_default_loop(), &server, (uint16_t)port);
    if (error) {
        fprintf(stderr, "demo_backend: cannot listen on 127.0.0.1:%llu: %s\n",
                (unsigned long long)port, uv_strerror(error));
        return 1;
    }
    return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
