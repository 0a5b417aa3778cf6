/* file_watch_msg.c: the catalogue of file_watch_msg.h. */
#include "actors/file_watch_msg.h"

MSG_DEFINE(file_watch, 20, FILE_WATCH_MESSAGES)
