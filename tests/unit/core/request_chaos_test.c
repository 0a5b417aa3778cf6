/*
 * Many questions at once to actors that keep, forward, ignore, fail and exit as chance wants, with
 * deadlines and cancels in between: in every order each question gets exactly one answer, and at
 * the end nobody owes, waits for or remembers anything.
 */
#include "core/dispatcher.h"
#include "core/log.h"
#include "core/simulation.h"
#include "tests/unit/core/clerk.h"
#include "tests/unit/test.h"

enum { CLERKS = 6, QUESTIONS = 120, SEEDS = 400 };

static const msg_protocol_t *const protocols[] = {&clerk_protocol, NULL};

typedef struct question {
    uint32_t id, answers;
    bool canceled;
} question_t;

typedef struct inquirer {
    question_t questions[QUESTIONS];
} inquirer_t;

static void count_answer(inquirer_t *self, actor_t *me)
{
    (void)self;
    ((question_t *)actor_context(me))->answers++;
}

static int on_answer(inquirer_t *self, actor_t *me, note_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    count_answer(self, me);
    return 0;
}

static int on_failed(inquirer_t *self, actor_t *me, failure_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    count_answer(self, me);
    return 0;
}

static void ask_something(inquirer_t *self, actor_t *me, uint32_t number)
{
    static const uint16_t types[] = {MSG_CLERK_ASK,     MSG_CLERK_ASK,     MSG_CLERK_KEEP,
                                     MSG_CLERK_FORWARD, MSG_CLERK_FORWARD, MSG_CLERK_FORWARD,
                                     MSG_CLERK_IGNORE,  MSG_CLERK_FAULT,   MSG_CLERK_UNKNOWN};
    question_t *question = &self->questions[number];
    char name[16];
    snprintf(name, sizeof(name), "clerk-%u", (unsigned)(actor_random(me) % CLERKS));
    uint16_t type = types[actor_random(me) % (sizeof(types) / sizeof(types[0]))];
    if (actor_random(me) % 100 == 0)
        type = MSG_CLERK_EXIT;
    uint64_t timeout = (1 + actor_random(me) % 50) * 1000000;
    note_t *note = note_new(1 + (uint32_t)(actor_random(me) % 4));
    question->id = actor_request(me, actor_lookup(me, name), type, note, timeout, question);
}

static void take_something_back(inquirer_t *self, actor_t *me)
{
    question_t *question = &self->questions[actor_random(me) % QUESTIONS];
    if (question->answers || !question->id)
        return;
    if (actor_random(me) % 2) {
        actor_recall(me, question->id);
        return;
    }
    actor_cancel(me, question->id);
    question->canceled = true;
}

/* Asks the question with the number in the message, and tells itself to go on. */
static int on_go(inquirer_t *self, actor_t *me, note_t **body, const msg_t *m)
{
    (void)m;
    uint32_t number = (*body)->number++;
    if (number == QUESTIONS)
        return 0;
    ask_something(self, me, number);
    if (actor_random(me) % 4 == 0)
        take_something_back(self, me);
    send_CLERK_IGNORE(me, actor_self(me), body);
    return 0;
}

HANDLER(inquirer_t, CLERK_ANSWER, on_answer)
HANDLER(inquirer_t, FAILED, on_failed)
HANDLER(inquirer_t, CLERK_IGNORE, on_go)
static const actor_handler_t handlers[] = {ON(CLERK_ANSWER), ON(FAILED), ON(CLERK_IGNORE), ON_END};
static const actor_class_t inquirer_class = {
    .name = "inquirer", .state_size = sizeof(inquirer_t), .handlers = handlers};

static bool nothing_is_left(simulation_t *s, uint32_t workers)
{
    bool nothing = notes_alive() == 0;
    for (uint32_t worker = 0; worker < workers; worker++) {
        char host[16];
        snprintf(host, sizeof(host), "host/%u", worker);
        const dispatcher_t *d = simulation_actor(s, simulation_lookup(s, host))->home;
        nothing = nothing && d->requests.live == 0 && d->debts.live == 0 && d->timers.live == 0 &&
                  d->heap_count == 0;
    }
    return nothing;
}

static bool answered_once(const question_t *question)
{
    return question->answers == (question->canceled ? 0 : 1);
}

static bool each_question_gets_one_answer(uint64_t seed, uint64_t *ret_signature, void *context)
{
    uint32_t workers = *(uint32_t *)context;
    simulation_t *s = simulation_new(seed, workers, protocols);
    clerk_args_t args[CLERKS] = {0};
    char names[CLERKS][16];
    simulation_role(s, "clerk", &clerk_class);
    simulation_role(s, "inquirer", &inquirer_class);
    for (uint32_t i = 0; i < CLERKS; i++) {
        snprintf(names[i], sizeof(names[i]), "clerk-%u", i);
        args[i].colleague = i ? names[i - 1] : "host/0";
        simulation_spawn(s, i % workers, "clerk", names[i], &args[i]);
    }
    actor_ref_t inquirer = simulation_spawn(s, 0, "inquirer", "inquirer", NULL);
    simulation_post(s, 0, inquirer, MSG_CLERK_IGNORE, note_new(0));
    simulation_run_ms(s, 10000);
    const inquirer_t *state = simulation_state(s, inquirer);
    bool good = nothing_is_left(s, workers);
    for (uint32_t i = 0; i < QUESTIONS; i++)
        good = good && answered_once(&state->questions[i]);
    *ret_signature = simulation_signature(s);
    simulation_free(s);
    return good;
}

static void test_chaos_on_one_worker(void **state)
{
    uint32_t workers = 1;
    (void)state;
    assert_true(simulation_holds(each_question_gets_one_answer, &workers, 1, SEEDS, NULL));
}

static void test_chaos_on_several_workers(void **state)
{
    uint32_t workers = 3;
    (void)state;
    assert_true(simulation_holds(each_question_gets_one_answer, &workers, 1, SEEDS, NULL));
}

int main(void)
{
    log_set_spec(SLICE("off"), NULL); /* restarts, by the thousand */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chaos_on_one_worker),
        cmocka_unit_test(test_chaos_on_several_workers),
    };
    return cmocka_run_group_tests_name("request_chaos", tests, NULL, NULL);
}
