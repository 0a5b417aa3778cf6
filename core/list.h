/*
 * list.h: an intrusive, circular, doubly linked list. The node is a member of the object; the
 * list owns nothing.
 */
#ifndef CORE_LIST_H
#define CORE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "core/check.h"

typedef struct list {
    struct list *next, *prev;
} list_t;

/* list_init makes an empty list, or a node that is in no list. */
static inline void list_init(list_t *list)
{
    list->next = list->prev = list;
}

static inline bool list_empty(const list_t *list)
{
    return list->next == list;
}

/* list_append puts the node at the end of the list; it must be in none. */
static inline void list_append(list_t *list, list_t *node)
{
    node->prev = list->prev;
    node->next = list;
    list->prev->next = node;
    list->prev = node;
}

/* list_prepend puts the node at the front of the list; it must be in none. */
static inline void list_prepend(list_t *list, list_t *node)
{
    list_append(list->next, node);
}

/* list_remove takes the node out; doing so twice is harmless. */
static inline void list_remove(list_t *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    list_init(node);
}

/* LIST_FIRST gives the first object, or NULL. */
#define LIST_FIRST(list, type, member)                                                             \
    (list_empty(list) ? NULL : GW_CONTAINER_OF((list)->next, type, member))

/* list_each walks the nodes; the current one may be removed on the way. */
#define list_each(node, list)                                                                      \
    for (list_t *node = (list)->next, *node##_next = node->next; node != (list);                   \
         node = node##_next, node##_next = node->next)

#endif
