/* problem.c: see problem.h. */
#include "gatewayapi/problem.h"

#include "core/mem.h"

void problems_add(problems_t *problems, const problem_t *problem)
{
    if (problems->count == problems->capacity) {
        problems->capacity = problems->capacity ? problems->capacity * 2 : 8;
        problems->at = xrealloc(problems->at, problems->capacity * sizeof(*problems->at));
    }
    problems->at[problems->count++] = (problem_t){
        .file = arena_dup(&problems->arena, problem->file),
        .line = problem->line,
        .object = arena_dup(&problems->arena, problem->object),
        .field = arena_dup(&problems->arena, problem->field),
        .reason = arena_dup(&problems->arena, problem->reason),
    };
}

void problems_clear(problems_t *problems)
{
    free(problems->at);
    arena_fini(&problems->arena);
    *problems = (problems_t){0};
}

void problem_print(const problem_t *problem, strbuf_t *out)
{
    strbuf_add(out, problem->file);
    strbuf_add_char(out, ':');
    strbuf_add_u64(out, problem->line);
    const slice_t parts[] = {problem->object, problem->field, problem->reason};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i].len == 0)
            continue;
        strbuf_add_text(out, ": ");
        strbuf_add(out, parts[i]);
    }
}
