#include "core/mute_cycle.h"

#include "core/mem.h"

typedef enum colour { NOT_SEEN, ON_THE_WAY, DONE } colour_t;

typedef struct search {
    const actor_class_t *const *classes;
    size_t count;
    colour_t *colours;
    size_t *way; /* the classes that are ON_THE_WAY, in order */
    size_t length;
    strbuf_t *found;
} search_t;

static size_t index_of(const search_t *s, const char *name)
{
    size_t i = 0;
    while (i < s->count && strcmp(s->classes[i]->name, name) != 0)
        i++;
    return i;
}

static bool report_circle(const search_t *s, size_t again)
{
    size_t at = 0;
    while (s->way[at] != again)
        at++;
    for (; at < s->length; at++)
        strbuf_printf(s->found, "%s mutes ", s->classes[s->way[at]]->name);
    strbuf_add_text(s->found, s->classes[again]->name);
    return true;
}

static bool visit(search_t *s, size_t at);

static bool follow(search_t *s, size_t from, const char *name)
{
    size_t to = index_of(s, name);
    if (to == s->count) {
        strbuf_printf(s->found, "%s mutes %s, which is no class", s->classes[from]->name, name);
        return true;
    }
    if (s->colours[to] == ON_THE_WAY)
        return report_circle(s, to);
    return s->colours[to] == NOT_SEEN && visit(s, to);
}

/* As deep as there are classes. */
static bool visit(search_t *s, size_t at)
{
    bool found = false;
    s->colours[at] = ON_THE_WAY;
    s->way[s->length++] = at;
    for (const char *const *name = s->classes[at]->mutes; name && *name && !found; name++)
        found = follow(s, at, *name);
    s->length--;
    s->colours[at] = DONE;
    return found;
}

bool mute_cycle(const actor_class_t *const *classes, strbuf_t *ret)
{
    search_t s = {.classes = classes, .found = ret};
    while (classes[s.count])
        s.count++;
    s.colours = xcalloc(s.count, sizeof(*s.colours));
    s.way = xcalloc(s.count, sizeof(*s.way));
    bool found = false;
    for (size_t i = 0; i < s.count && !found; i++)
        found = s.colours[i] == NOT_SEEN && visit(&s, i);
    free(s.colours);
    free(s.way);
    return found;
}
