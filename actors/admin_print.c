/*
 * admin_print.c: the text of all metrics, made while the scraper takes it: memory stays flat, and
 * the other actors of the worker run in between.
 */
#include "actors/admin_job.h"
#include "core/mem.h"

enum { PART_BYTES = 16384 };

typedef struct printing {
    admin_t *admin;
    exposition_t *exposition;
    metric_text_t text;
} printing_t;

static bool next_part(void *context, strbuf_t *part)
{
    printing_t *printing = context;
    return metric_text_next(&printing->text, PART_BYTES, part);
}

static void end(void *context)
{
    printing_t *printing = context;
    printing->admin->scrapes--;
    exposition_free(printing->exposition);
    free(printing);
}

http_source_t admin_print(admin_job_t *job, exposition_t **exposition)
{
    printing_t *printing = xmalloc(sizeof(*printing));
    printing->admin = job->admin;
    printing->exposition = *exposition;
    *exposition = NULL;
    job->scraping = false; /* the source counts from here on */
    metric_text_start(&printing->text, printing->exposition->set, printing->exposition->planes);
    return (http_source_t){next_part, end, printing};
}
