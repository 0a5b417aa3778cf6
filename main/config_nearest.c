#include "main/config_nearest.h"

#include "main/config_key.h"

enum { WORD_MAX = 80, FAR = WORD_MAX * 2 };

typedef struct word {
    char at[WORD_MAX];
    size_t len;
} word_t;

/* The letters that count, cut to WORD_MAX. */
static word_t plain(slice_t text)
{
    word_t word = {.len = 0};
    for (size_t i = 0; i < text.len && word.len < WORD_MAX; i++) {
        if (text.base[i] != '_' && text.base[i] != '-')
            word.at[word.len++] = slice_lower(text.base[i]);
    }
    return word;
}

static slice_t last_part(slice_t path)
{
    while (slice_chr(path, '.') < path.len)
        path = slice_sub(path, slice_chr(path, '.') + 1, path.len);
    return path;
}

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* How many letters to insert, delete or replace: Levenshtein, one row at a time. */
static size_t distance(const word_t *a, const word_t *b)
{
    size_t row[WORD_MAX + 1];
    for (size_t j = 0; j <= b->len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a->len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b->len; j++) {
            size_t replace = diagonal + (a->at[i - 1] != b->at[j - 1]);
            diagonal = row[j];
            row[j] = least(replace, row[j] + 1, row[j - 1] + 1);
        }
    }
    return row[b->len];
}

/* The distance of two texts, or FAR if it is more than a third of the first one. */
static size_t likeness(slice_t meant, slice_t key)
{
    word_t a = plain(meant), b = plain(key);
    size_t apart = distance(&a, &b);
    return apart * 3 > a.len ? FAR : apart;
}

const char *config_nearest(slice_t path)
{
    const char *best = NULL;
    size_t least_apart = FAR;
    const config_key_t *key;
    for (size_t i = 0; (key = config_key_at(i)); i++) {
        slice_t known = slice_of(key->path);
        size_t apart = likeness(path, known);
        size_t elsewhere = 1 + 2 * likeness(last_part(path), last_part(known));
        if (elsewhere < apart)
            apart = elsewhere;
        if (apart >= least_apart)
            continue;
        least_apart = apart;
        best = key->path;
    }
    return best;
}
