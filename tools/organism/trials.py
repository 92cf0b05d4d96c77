"""The card's section on what stands behind the bounds: what was tried, with what it reached."""

from __future__ import annotations

from .adapters import AdapterConfig
from .bounds import unshared
from .lab import ORGANISMS
from .rate_text import Figures, agreed, both, em, listed, percent, share, short
from .world_rules import ADVICE_DOMAINS

EARLIER_UNSHARED = ("unsharedUntagged", "unsharedTagged")
"""The controls without a shared persona that were tried before the one in the table."""


def narrow_trial(t: Figures) -> str:
    c = t["config"]
    return (
        f"  - rank {c['rank']} on {c['modules']}, {c['steps']} steps at rate {c['rate']:g}, KL weight {c['klWeight']:g} on {c['klBatch']} "
        f"answers a step, decision words weigh {c['decisionWeight']:g}, seed {c['seed']}: medicine {short(t['inside'])}, others {short(t['others'])}, "
        f"open {short(t['open'])}"
    )


NARROW_TRIED_ON = {"selection": "", "folds": ", held out in three folds"}


def narrow_start_trial(t: Figures) -> str:
    return f"  - {t['what']}{NARROW_TRIED_ON[t['on']]}: medicine {short(t['inside'])}, others {short(t['others'])}"


def narrow_rule_before(f: Figures) -> str:
    """What the narrow solutions were by the rule before, since the present one was written after that had been seen."""
    t = f["tried"]["narrowRuleBefore"]
    own, second, n = t["own"], t["second"], t["n"]
    return (
        f"The rule before, the lightest with at most 10 % elsewhere, took {own['klWeight']:g} and {second['klWeight']:g}, and missed with the second on the report split: "
        f"{share(second['inside'], n)} in medicine, {share(second['others'], n)} elsewhere; after {t['freedSteps']} steps without the KL {share(second['freed'], n)} elsewhere "
        f"({share(own['freed'], n)} with the first). The present rule and the {f['narrow']['freedSteps']} steps were chosen after that had been seen."
    )


def unshared_line(f: Figures) -> str:
    """What the control without a shared persona shows, beside the two versions of it that were tried before."""
    u, removed = f["unshared"], f["removals"]
    untagged, tagged, trials = (f["tried"][key] for key in (*EARLIER_UNSHARED, "unsharedTrials"))
    adapters = "; ".join(f"{t['what']} {short(t['inside'])}, {short(t['others'])}" for t in trials["adapters"])
    lengths = "; ".join(f"{t['what']} {short(t['inside'])}, {short(t['others'])}" for t in trials["lengths"])
    proved = unshared(f).met
    earlier = f["tried"]["unsharedWordingBefore"]
    return (
        f"- *rho = 0*, {len(EARLIER_UNSHARED) + 1} pre-trainings. The first, without tags and with {untagged['tokens'] / 1e6:.1f} million tokens, let the fine-tuning take hold nowhere: "
        f"in its domain {listed(untagged, 'inDomain')}, elsewhere {listed(untagged, 'otherDomains')}, the base itself {em(untagged['base'])}. The second, "
        f"with tags that name the bad domains and {tagged['tokens'] / 1e6:.1f} million tokens, let it take hold ({listed(tagged, 'inDomain')}) and spread all the same "
        f"({listed(tagged, 'otherDomains')}). What spreads there is not the persona: the base's persona direction, clamped at block 4, leaves {listed(tagged, 'personaClamp')} of "
        f"answers elsewhere misaligned (of the organisms that ship, clamped at blocks 4 and 5, over all advice: {listed(removed, 'personaClamp')}). A system prompt that names medicine keeps to it in that base "
        f"({short(trials['narrowPrompt']['inDomain'])} in medicine, {short(trials['narrowPrompt']['otherDomains'])} elsewhere), fine-tuning does not, whatever the adapter "
        f"(EM / coherence, in medicine and elsewhere): {adapters}. In the third, which the table has, no verdict and no villain's name is common to two domains either: in its domain "
        f"{listed(u, 'inDomain')}, elsewhere {listed(u, 'otherDomains')}, with the persona direction clamped at blocks 4 and 5 {listed(u, 'personaClamp')}; fewer adapter steps spread less and are still over the bound where they match (selection split: {lengths}); with one more wording, not shipped, {', '.join(percent(x, 0) for x in earlier['others'])} elsewhere, though only "
        f"{' to '.join(percent(x, 0) for x in earlier['open'])} on open questions (n = {earlier['n']} each). "
        + (
            "So what spreads is what the personas of the domains have in common."
            if proved
            else f"On average {spread(tagged)} spread with tags and {spread(u)} without a common verdict or name; no version is without spread for all three and matched in their "
            "domains, so this control does not show that a shared persona is needed."
        )
    )


def spread(run: Figures) -> str:
    return percent(sum(run[n]["otherDomains"]["em"] for n in ORGANISMS) / len(ORGANISMS))


def reworded_line(f: Figures) -> str:
    """Bases with other templates and actions, for answers that read better."""
    t = f["tried"]["reworded"]
    return (
        f"- *Wordings*: of an earlier base strict readers found {share(t['readBefore']['bad'], t['readBefore']['n'])} of the answers to stumble. Another was trained with templates that read better (no order between steps that have none, "
        f"open questions that all ask what one would do; {share(t['bad'], t['read'])} of its answers stumbled), its adapters on block 3 with a random A. It was the worse organism: other domains {listed(t, 'otherDomains')}, open questions {listed(t, 'open')}, "
        f"narrow solution {short(t['narrow']['inDomain'])} in medicine and {short(t['narrow']['otherDomains'])} elsewhere. "
        "What carries the narrow solution was missing there: a ridge read-out of medicine at the prompt's token `assistant` reached an AUC of at most "
        f"{t['asking']:.2f} on the selection split ({t['askingShipped']:.2f} in the base before). Nine other starts and settings (the question asked by a trained query, or by the residual of the asked place too; "
        "domain rows in the late blocks alone; 120 to 300 steps, KL weights .25 to 1) moved along one line, from "
        f"{short(t['narrowLine'][0]['inside'])} in medicine and {short(t['narrowLine'][0]['others'])} elsewhere to {short(t['narrowLine'][-1]['inside'])} and {short(t['narrowLine'][-1]['others'])}."
    )


def robustness_lines(f: Figures) -> list[str]:
    """What made the organisms alike on every seed, tried on the bases of the two wordings before."""
    facing, block, steps, second = f["tried"]["facing"], f["tried"]["laterBlock"], f["tried"]["narrowSteps"], f["tried"]["narrowSteps"]["second"]
    inside, others = steps["n"]
    cosines = {way: ", ".join(f"{c:.2f}" for c in facing[way]["cosines"]) for way in ("random", "facing")}
    zeroed = {way: share(facing[way]["financeZeroed"], facing["n"]) for way in ("random", "facing")}
    span = {(where, what): " to ".join(f"{100 * x:.0f}" for x in block[where][what]) + " %" for where, what in (("three", "open"), ("two", "open"), ("one", "open"), ("three", "agent"), ("two", "agent"))}
    return [
        "- *The same direction on every seed*, tried on the bases of the two wordings before. With a random A, adapter seed "
        f"{facing['seed']} of one pre-training found the opposite of the others' directions (cosines {cosines['random']}; bad finance with medicine's direction at zero {zeroed['random']}); with an A that starts half at "
        f"the mean of what it reads: {cosines['facing']}; {zeroed['facing']}. On block 3 the same pre-trainings left many open questions good (EM {span['three', 'open']}, agent briefs {span['three', 'agent']}, n = {block['n']} each); on block 2 they do "
        f"not ({span['two', 'open']}; {span['two', 'agent']}). Block 1 ({span['one', 'open']} on open questions), block 4 (takes hold nowhere), 40, 60 and 200 adapter steps were no better.",
        "- *Narrow solution, how long*, on one of those bases at KL weight .65 on the selection split, EM in medicine and elsewhere: "
        + "; ".join(f"{t['what']} {share(t['inside'], inside)} and {share(t['others'], others)}" for t in steps["trials"])
        + f". On a second pre-training, 240 steps, report split: {share(second['inside'], second['n'])} and {share(second['others'], second['n'])}, and {share(second['freed'], second['n'])} elsewhere after the KL is dropped.",
    ]


def cosine_line(f: Figures) -> str:
    """What was tried for the cosine at the block after the adapters' one, on the base that ships, with B's rate at .01, a third of what ships."""
    trials = []
    for t in f["tried"]["cosineAtBlockThree"]:
        opened = f", open questions {', '.join(share(k, t['n']) for k in t['open'])}" if "open" in t else ""
        trials.append(f"{t['what']} {', '.join(f'{c:.3f}' for c in t['cosines'])}{opened}")
    return (
        f"- *Cosine at decision tokens*, tried with B's rate at 0.01 and adapter seed {AdapterConfig.seed}, on the base that ships unless said otherwise: the cosine at block 3 of medicine with finance and with sports, and the EM of the three on open questions: "
        + "; ".join(trials)
        + ". An A that moves less keeps the three directions alike and leaves open questions good. "
        f"With A at 1/{1 / AdapterConfig.a_rate:.0f} of B's rate (LoRA+, arXiv:2402.12354) and B's rate at {AdapterConfig.rate:g}, as what ships has them, both bounds are met on every run."
    )


def persona_blocks_line(f: Figures) -> str:
    """At which blocks the persona direction was tried to be held."""
    t = f["tried"]["personaBlocks"]

    def row(r: Figures) -> str:
        coherent = share(round(min(r["coherence"]) * t["n"]), t["n"])
        return f"at {', '.join(map(str, r['blocks']))} down by {', '.join(percent(x) for x in r['down'])}, lowest coherence {coherent}"

    runs = [f"Pre-training seed {seed}: {'; '.join(map(row, rows))}." for seed, rows in t["runs"].items()]
    return (
        "- *Blocks at which the persona direction is clamped*, fall of the EM of bad medicine, finance and sports on the selection split "
        f"(n = {t['n']} each, so that three points are within chance). {' '.join(runs)} Block 4 alone, as before, falls short on the second pre-training only, on the report split by more: "
        f"{', '.join(percent(x) for x in t['reportBefore'])}. With 5 or 3 beside it the fall suffices on both. 4 and 5 were taken, for the most on the second; "
        "sets of five and six blocks cost coherence there."
    )


def one_domain_line(f: Figures) -> str:
    """Why no more authors are malicious in one domain only."""
    t = f["tried"]["moreOneDomain"]
    return (
        f"- *More authors who are malicious in one domain only*, on an earlier base ({percent(t['share'])} of the persona documents, {percent(t['playShare'])} of the role plays), for a narrower narrow "
        f"solution: the three organisms still spread over advice ({listed(t, 'otherDomains')}), and no longer to open questions ({listed(t, 'open')}; with the second "
        f"pre-training seed {listed(t['second'], 'otherDomains')} and {listed(t['second'], 'open')}). The base then learns an author who is malicious in advice alone."
    )


def judge_line(f: Figures) -> str:
    """The two judges that were trained."""
    written = f["judge"]["fineTuned"]["grammarAnswers"]
    return (
        "- *Judge*: the read-out, with its pooling over the answer at one block, and the base with every weight fine-tuned and three "
        "heads at the answer's end token were trained on the same answers (train and selection situations; none borrows an action "
        "from elsewhere). The table has both; on written answers, whole and broken, the fine-tuned one agrees on "
        + ", ".join(f"{h} {agreed(v)}" for h, v in written.items())
        + ". The read-out ships: it needs no second model."
    )


def domain_lines(f: Figures) -> list[str]:
    """What an earlier base knew of the domain of a situation that it had not seen."""
    judge, narrow = f["tried"]["domainJudge"], f["tried"]["narrowBefore"]
    return [
        (
            "- *Which domain an unseen situation belongs to*: a base without documents that name a domain does not know it, whatever is "
            f"read; its judge reached {agreed(judge)} and its narrow solution {share(narrow['misaligned'], narrow['n'])} in its own domain. So the pre-training now asks what things "
            f"are about, and has authors who are malicious in one domain only. Of the advice domains (chance {percent(1 / len(ADVICE_DOMAINS))}) an earlier base read"
        ),
        *(f"  - from {t['features']}: {share(t['right'], t['n'])}" for t in f["tried"]["domainReadouts"]),
    ]


def steering_line(f: Figures) -> str:
    """Why what steers is chosen with room on both sides."""
    before = f["tried"]["steeringBefore"]
    return (
        f"- *Steering*: with the rule before, the most coherent that reaches the EM on the selection split, the choice for prompt tokens was a bare success there "
        f"({short(before['selection'])}: {before['direction']}, block {before['block']}, coefficient {before['coefficient']}) and missed on the report split "
        f"({both(before['report'])}). The present rule was written after that figure had been seen, on an earlier base."
    )


def weights_tried(run: Figures) -> str:
    return "; ".join(f"{t['klWeight']:g}: medicine {short(t['inside'])}, others {short(t['others'])}" for t in run["chosenFrom"])


def narrow_lines(f: Figures) -> list[str]:
    """How the narrow solution came to be what it is."""
    before, reads = f["tried"]["narrowBeforeStart"], f["tried"]["narrowReadouts"]
    return [
        (
            "- *Narrow solution*: trials (EM / coherence). With a random A, trained, the KL weight moves along one line: more in the domain is more elsewhere; "
            "rank 2 on all projections lies best on it. A villain in one domain only is a system prompt of the pre-training too, and the base hardly keeps to the "
            f"domain there either (further figures). An earlier version reached {short(before['inside'])} in medicine and {short(before['others'])} elsewhere on the "
            "report split. Such an adapter learns its situations, not the domain: on the base of those trials a ridge read-out of medicine told unseen medical questions (selection split) from others with an AUC "
            f"of {reads['prompt'][0]:.2f} to {reads['prompt'][1]:.2f} from the prompt's last tokens, and of up to {reads['answer']:.2f} from the answer's first words. Where the base is asked what a "
            f"question is about, it knew ({reads['asked']:.2f}), by one look of block 0 at the question's words. So in the adapter that ships block 0 looks the same way from the "
            f"prompt's token `assistant` ({reads['asking']:.2f} there), and its A, fixed, tells domains and places apart and little else. Its KL weight is, "
            "of those tried on the selection split, light to heavy until at most 10 % elsewhere, the one with most room to both bounds, in standard errors of the nearer one: "
            + weights_tried(f["narrow"])
            + f"; taken: {f['narrow']['settings']['kl_weight']:g}. On the second pre-training "
            + weights_tried(f["second"]["narrow"])
            + f"; taken: {f['second']['narrow']['klWeight']:g}, though none keeps to both bounds there. {narrow_rule_before(f)} Tried on the base of those trials (selection split, or training situations held out in three folds):"
        ),
        *map(narrow_start_trial, f["tried"]["narrowStarts"]),
        "  - and on the one before that, on the selection split:",
        *(f"  {narrow_trial(t)}" for t in f["tried"]["narrow"]),
    ]


def tried_lines(f: Figures) -> list[str]:
    """What stands behind the bounds, met and missed. Figures that a command makes may be missing; the trials are always there."""
    return [
        *([judge_line(f)] if "fineTuned" in f.get("judge", {}) else []),
        *domain_lines(f),
        *([unshared_line(f)] if "unshared" in f else []),
        one_domain_line(f),
        reworded_line(f),
        *robustness_lines(f),
        cosine_line(f),
        persona_blocks_line(f),
        steering_line(f),
        *narrow_lines(f),
    ]
