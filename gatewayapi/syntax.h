/*
 * syntax.h: the textual forms of the Kubernetes and Gateway API fields. A syntax_*() check
 * returns NULL when the text has the form, else what is wrong, as the end of a sentence that begins
 * with the value ("must ..."). The strings are static. Lengths are the schema's to check.
 */
#ifndef GATEWAYAPI_SYNTAX_H
#define GATEWAYAPI_SYNTAX_H

#include "core/slice.h"

typedef const char *(*syntax_check_t)(slice_t text);

/* syntax_dns_label: RFC 1123 label, lower case (namespaces, Services). */
const char *syntax_dns_label(slice_t text);

/* syntax_subdomain: RFC 1123 subdomain, lower case (names of most objects). */
const char *syntax_subdomain(slice_t text);

/* syntax_group: a subdomain or nothing (the core group). */
const char *syntax_group(slice_t text);

/* syntax_kind: letters, digits and '-', beginning with a letter. */
const char *syntax_kind(slice_t text);

/* syntax_hostname: a subdomain with or without a "*." in front of it; no IP address. */
const char *syntax_hostname(slice_t text);

/* syntax_precise_hostname: a hostname without a wildcard. */
const char *syntax_precise_hostname(slice_t text);

/* syntax_controller: domain/path, as in GatewayClass spec.controllerName. */
const char *syntax_controller(slice_t text);

/* syntax_protocol: a listener's protocol: a word, or domain/word. */
const char *syntax_protocol(slice_t text);

/* syntax_header_name: a token of RFC 9110 section 5.6.2. */
const char *syntax_header_name(slice_t text);

/* syntax_path: an absolute path for Exact and PathPrefix (the CRD's rules for HTTPPathMatch). */
const char *syntax_path(slice_t text);

/* syntax_duration: GEP-2257, such as "1h30m" or "500ms". */
const char *syntax_duration(slice_t text);

/* syntax_time: RFC 3339. */
const char *syntax_time(slice_t text);

/* syntax_label_key: a qualified name, such as "app" or "example.com/app". */
const char *syntax_label_key(slice_t text);

/* syntax_label_value: at most 63 letters, digits, '-', '_' and '.', or nothing. */
const char *syntax_label_value(slice_t text);

/* syntax_ip: an IPv4 or IPv6 address without a zone. */
const char *syntax_ip(slice_t text);

/* syntax_port_name: an IANA service name (RFC 6335), as in targetPort and named ports. */
const char *syntax_port_name(slice_t text);

/*
 * duration_parse reads a GEP-2257 duration into milliseconds. It returns 0, or GW_EPARSE with
 * *ret_ms untouched.
 */
int duration_parse(slice_t text, uint64_t *ret_ms);

/*
 * time_parse reads an RFC 3339 time into milliseconds since 1970 (UTC). It returns 0, or GW_EPARSE
 * with *ret_ms untouched.
 */
int time_parse(slice_t text, int64_t *ret_ms);

#endif
