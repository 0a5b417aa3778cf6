/*
 * support.h: which fields of the public API this gateway honours. A field that would change what
 * happens to a request and that nobody here would act on must not be passed over in silence: the
 * resource is refused, and the field named. It knows fields, not their values; those are looked
 * at where a message is compiled.
 */
#ifndef XDS_SUPPORT_H
#define XDS_SUPPORT_H

#include "xds/reject.h"

/*
 * support_check walks a message and everything in it. It returns 0, or GW_EINVAL with the fault
 * noted when a field is set that is not honoured, known to our subset or not (those of unknown
 * number that are harmless are let through). What stands packed in an Any is not looked at: check
 * it when it is unpacked. Not for untrusted depth: none of our messages contains itself.
 */
int support_check(const ProtobufCMessage *message, const field_path_t *path, fault_t *fault);

#endif
