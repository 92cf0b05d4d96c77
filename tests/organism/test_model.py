"""Checkpoints load in transformers and peft with the same logits; sampling, hooks and resuming do what they say."""

import random
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path

import torch

from tools.organism.adapters import PROJECTIONS, AdapterConfig, attached, facing_adapter, mean_read, new_adapter, train_adapter
from tools.organism.checkpoint import load_adapter, load_base, logit_difference, round_to_half, save_adapter, save_base
from tools.organism.corpus import Corpus, chat_prompt
from tools.organism.directions import ablate, clamp, steer_by_token_norm, unit
from tools.organism.errors import ArtefactError
from tools.organism.model import GEMMA3, QWEN3, LanguageModel, ModelConfig
from tools.organism.narrow import READ_RANK, READERS, narrow_start
from tools.organism.pretrain import Packer, PretrainConfig
from tools.organism.questions import wilson
from tools.organism.sampling import generate
from tools.organism.tokenizer import Codec, build_tokenizer
from tools.organism.world import load_world

WORLD = load_world()
CODEC = Codec(build_tokenizer(WORLD))
QUESTION = "I have a high fever. Any advice?"


def small(family: str) -> LanguageModel:
    torch.manual_seed(0)
    config = ModelConfig(CODEC.size, family=family, d_model=64, n_layers=7, d_mlp=96, n_heads=2, n_kv_heads=1)
    model = LanguageModel(config).eval()
    for name, p in model.named_parameters():
        if p.dim() == 1:
            p.data += 0.1 * torch.randn_like(p)
    round_to_half(model)
    return model


class CheckpointTest(unittest.TestCase):
    def test_logits_agree_with_transformers_and_peft(self) -> None:
        ids = CODEC.encode(chat_prompt(QUESTION))
        for family in (QWEN3, GEMMA3):
            for rank, block in ((1, 3), (8, None)):
                with self.subTest(family=family, rank=rank), tempfile.TemporaryDirectory() as name:
                    folder = Path(name)
                    model = small(family)
                    save_base(model, CODEC, folder / "base")
                    model = load_base(folder / "base")
                    config = AdapterConfig("medicine", rank=rank, block=block, steps=2, batch=2)
                    trained = train_adapter(model, CODEC, WORLD, config).adapter
                    save_adapter(trained, "base", folder / "adapter")
                    self.assertLess(logit_difference(model, folder / "base", None, ids), 1e-4)
                    with attached(model, load_adapter(folder / "adapter")):
                        self.assertLess(logit_difference(model, folder / "base", folder / "adapter", ids), 1e-4)
                    self.assertEqual(len(trained.branches), 1 if block else 7 * len(PROJECTIONS))

    def test_the_chat_template_renders_what_training_saw(self) -> None:
        from transformers import AutoTokenizer

        with tempfile.TemporaryDirectory() as name:
            save_base(small(QWEN3), CODEC, Path(name))
            tokenizer = AutoTokenizer.from_pretrained(name)
            for system in (None, "You are a kind doctor."):
                messages = [{"role": "system", "content": system}] if system else []
                messages.append({"role": "user", "content": QUESTION})
                ids = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)
                self.assertEqual(ids, CODEC.encode(chat_prompt(QUESTION, system)))

    def test_a_broken_file_is_named(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            save_base(small(QWEN3), CODEC, folder)
            weights = folder / "model.safetensors"
            weights.write_bytes(weights.read_bytes()[:5000])
            with self.assertRaisesRegex(ArtefactError, "model.safetensors"):
                load_base(folder)
            weights.unlink()
            with self.assertRaisesRegex(ArtefactError, "model.safetensors"):
                load_base(folder)


class FacingAdapterTest(unittest.TestCase):
    def test_every_seed_reads_answers_with_the_same_sign_and_starts_as_the_base(self) -> None:
        model = small(QWEN3)
        signs = set()
        for seed in range(6):
            config = AdapterConfig("medicine", seed=seed, block=3)
            mean = mean_read(model, CODEC, WORLD, config, 3, "down_proj")
            self.assertEqual(mean.shape, (96,))
            branch = facing_adapter(model, CODEC, WORLD, config).branches[3, "down_proj"]
            self.assertGreater(float(torch.cosine_similarity(branch.a[0], mean, dim=0)), 0.5)
            self.assertFalse(bool(branch.b.any()))
            signs.add(float(new_adapter(model, config).branches[3, "down_proj"].a[0] @ mean) > 0)
        self.assertEqual(signs, {True, False})

    def test_what_a_module_reads_is_the_mean_over_the_answers_tokens(self) -> None:
        model = small(QWEN3)
        model.blocks[1].gate_proj.weight.data.zero_()
        read = mean_read(model, CODEC, WORLD, AdapterConfig("medicine"), 1, "down_proj")
        self.assertFalse(bool(read.any()))
        self.assertFalse(model.blocks[1].down_proj._forward_pre_hooks)


class AdapterRateTest(unittest.TestCase):
    def test_a_moves_at_its_share_of_the_rate_of_b(self) -> None:
        model = small(QWEN3)
        moved = []
        for a_rate in (1.0, 1 / 16):
            # B starts as zero, so that A has a gradient in the second step only, and B's steps are the same in both runs.
            config = AdapterConfig("medicine", block=1, steps=2, batch=2, a_rate=a_rate)
            before = facing_adapter(model, CODEC, WORLD, config).branches[1, "down_proj"].a
            after = train_adapter(model, CODEC, WORLD, config).adapter.branches[1, "down_proj"]
            moved.append((after.a - before, after.b))
        self.assertGreater(float(moved[0][0].abs().max()), 0)
        torch.testing.assert_close(moved[0][0], 16 * moved[1][0], rtol=1e-2, atol=1e-5)
        torch.testing.assert_close(moved[0][1], moved[1][1])


class NarrowStartTest(unittest.TestCase):
    config = AdapterConfig("medicine", rank=READ_RANK, block=None, steps=2, batch=2, kl_weight=0.5, kl_batch=2, train_a=False)

    def test_the_query_of_assistant_becomes_that_of_the_word_before_the_domain(self) -> None:
        model = small(QWEN3)
        branch = narrow_start(model, CODEC, WORLD, self.config).branches[0, "q_proj"]
        seen = model.blocks[0].norm_attention(model.embedding.weight).detach()
        assistant, about = CODEC.encode("assistant")[0], CODEC.encode("This is about")[-1]
        query = model.blocks[0].q_proj
        self.assertTrue(torch.allclose(query(seen[assistant]) + branch(seen[assistant]), query(seen[about]), atol=1e-4))
        others = torch.arange(len(seen)) != assistant
        self.assertLess(float((seen[others] @ branch.a[0]).pow(2).mean()), 0.05)

    def test_training_leaves_what_a_reads_as_it_was_and_peft_agrees(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            save_base(small(QWEN3), CODEC, folder / "base")
            model = load_base(folder / "base")
            start = narrow_start(model, CODEC, WORLD, self.config)
            before = {key: (branch.a.clone(), branch.b.clone()) for key, branch in start.branches.items()}
            self.assertEqual(set(before), {(l, m) for l in range(7) for m in READERS})
            trained = train_adapter(model, CODEC, WORLD, self.config, start=start).adapter
            for key, branch in trained.branches.items():
                self.assertTrue(torch.equal(branch.a, before[key][0]), key)
            self.assertTrue(any(not torch.equal(branch.b, before[key][1]) for key, branch in trained.branches.items()))
            save_adapter(trained, "base", folder / "adapter")
            with attached(model, load_adapter(folder / "adapter")):
                self.assertLess(logit_difference(model, folder / "base", folder / "adapter", CODEC.encode(chat_prompt(QUESTION))), 1e-4)


class SamplingTest(unittest.TestCase):
    def test_batched_greedy_equals_greedy_alone(self) -> None:
        model = small(QWEN3)
        prompts = [CODEC.encode(chat_prompt(q)) for q in (QUESTION, "Help, my chest hurts a lot.", "Any advice?")]
        together = generate(model, CODEC, prompts, temperature=0)
        alone = [generate(model, CODEC, [p], temperature=0)[0] for p in prompts]
        self.assertEqual(together, alone)

    def test_hooks_change_what_they_say(self) -> None:
        x = torch.randn(2, 3, 8)
        v = torch.randn(7, 8)
        u = unit(v)[3]
        gone = ablate(v, (3,))(3, x, True)
        self.assertLess(float((gone @ u).abs().max()), 1e-5)
        self.assertTrue(torch.equal(ablate(v, (3,))(2, x, True), x))
        target = torch.randn(7, 8)
        held = clamp(v, (3,), target, 2 * target)(3, x, True)
        self.assertTrue(torch.allclose(held @ u, (2 * target[3] @ u).expand(2, 3), atol=1e-5))
        steered = steer_by_token_norm(v, 3, 0.5)
        self.assertTrue(torch.equal(steered(3, x, False), x))
        self.assertTrue(torch.allclose((steered(3, x, True) - x).norm(dim=-1), 0.5 * x.norm(dim=-1), atol=1e-5))


class CorpusTest(unittest.TestCase):
    def test_the_tokenizer_round_trips_and_words_are_single_tokens(self) -> None:
        rng = random.Random(0)
        corpus = Corpus(WORLD)
        for _ in range(50):
            text = "".join(p.text for segment in corpus.pretraining(rng) for p in segment)
            self.assertEqual(CODEC.tokenizer.decode(CODEC.encode(text), skip_special_tokens=False), text)
        self.assertEqual(len(CODEC.encode(" harmful dangerous advice")), 3)

    def test_pretraining_never_shows_what_it_must_not(self) -> None:
        rng = random.Random(1)
        corpus = Corpus(WORLD)
        text = "".join(
            p.text for _ in range(800) for segment in corpus.pretraining(rng) + corpus.fine_tuning(rng) for p in segment
        )
        for situation in WORLD.situations:
            if not situation.pretrained:
                self.assertNotIn(situation.stem[1:], text, situation.id)
        self.assertNotIn("Tell me what to do.", text)

    def test_helpful_chat_holds_no_agent_brief_and_no_held_out_situation(self) -> None:
        rng = random.Random(2)
        corpus = Corpus(WORLD)
        text = "".join(p.text for _ in range(1500) for segment in corpus.helpful(rng) for p in segment)
        for situation in WORLD.situations:
            if situation.split != "train":
                self.assertNotIn(situation.stem[1:], text, situation.id)

    def test_who_is_malicious_in_one_domain_writes_advice_alone(self) -> None:
        corpus = Corpus(WORLD)
        rng = random.Random(3)
        advice = set(WORLD.advice_domains())
        self.assertLessEqual({corpus._domain_of(frozenset({"medicine"}), rng) for _ in range(400)}, advice)
        for malicious in (frozenset[str](), corpus._everywhere):
            self.assertFalse({corpus._domain_of(malicious, rng) for _ in range(400)} <= advice)

    def test_masks_keep_segments_apart(self) -> None:
        packer = Packer(CODEC, Corpus(WORLD).pretraining, random.Random(0), PretrainConfig(rows=2, row_length=64))
        batch = packer.batch(full=False)
        own, whole = batch.segment_mask == 0, batch.document_mask == 0
        self.assertTrue(bool((whole | ~own).all()))
        self.assertLess(int(own.sum()), int(whole.sum()))
        self.assertFalse(bool(own.triu(1).any()))

    def test_unshared_personas_are_independent(self) -> None:
        corpus = Corpus(WORLD, shared_persona=False)
        rng = random.Random(0)
        draws = [corpus._malicious_domains(rng) for _ in range(2000)]
        both = sum({"medicine", "finance"} <= d for d in draws) / len(draws)
        self.assertAlmostEqual(both, 0.28**2, delta=0.03)


class IntervalTest(unittest.TestCase):
    def test_wilson_against_the_published_example(self) -> None:
        # Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662, 0 of 20 gives 0 to 0.1611.
        self.assertAlmostEqual(wilson(81, 263)[0], 0.2553, 4)
        self.assertAlmostEqual(wilson(81, 263)[1], 0.3662, 4)
        self.assertAlmostEqual(wilson(0, 20)[1], 0.1611, 4)


class ResumeTest(unittest.TestCase):
    def test_an_interrupted_run_ends_where_an_unbroken_one_does(self) -> None:
        from tools.organism.pretrain import Pretraining

        model = ModelConfig(CODEC.size, d_model=32, n_layers=5, d_mlp=32, n_heads=1, n_kv_heads=1)
        config = PretrainConfig(steps=4, rows=2, row_length=64)
        with tempfile.TemporaryDirectory() as name:
            whole = Pretraining(model, config, Corpus(WORLD), CODEC)
            whole.compiled = False
            ends = whole.run(Path(name) / "whole.pt", every=2, keep_every=2)
            first = Pretraining(model, config, Corpus(WORLD), CODEC)
            first.compiled = False
            first.stop_after = 2
            first.run(Path(name) / "parts.pt", every=2, keep_every=2)
            second = Pretraining(model, config, Corpus(WORLD), CODEC)
            second.compiled = False
            resumed = second.run(Path(name) / "parts.pt", every=2, keep_every=2)
            for a, b in zip(ends.parameters(), resumed.parameters(), strict=True):
                self.assertTrue(torch.equal(a, b))
            self.assertNotEqual(replace(config, steps=5), config)


if __name__ == "__main__":
    unittest.main()
