"""Captions say what a film shows, deny only what it does not, and use words that the tokenizer knows."""

from __future__ import annotations

import numpy as np

from core.datasets.phantom.captions import DENIALS, NAMES, caption, vocabulary
from core.findings import CLASSES, FINDINGS
from core.models.save import wordpiece_tokenizer_files
from core.settings.zero_shot import prompts_for


def test_every_finding_is_named_and_nothing_shown_is_denied() -> None:
    rng = np.random.default_rng(0)
    denials = tuple(denial.format("") for denial in DENIALS)
    for _ in range(300):
        shown = tuple(str(name) for name in rng.choice(FINDINGS, rng.integers(0, 4), replace=False))
        text = caption(shown, rng)
        sentences = text.removesuffix(".").split(". ")
        said = " ".join(sentence for sentence in sentences if not sentence.startswith(denials))
        for name in shown:
            assert any(words in said for words in NAMES[name])
            for sentence in sentences:
                if sentence.startswith(denials):
                    assert not any(sentence.endswith(f" {words}") for words in NAMES[name])


def test_captions_and_prompts_have_no_unknown_token(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from transformers import AutoTokenizer

    for name, content in wordpiece_tokenizer_files(vocabulary(), 64).items():
        (tmp_path / name).write_bytes(content)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    rng = np.random.default_rng(1)
    texts = [caption(tuple(FINDINGS[k : k + 2]), rng) for k in range(13)] + [caption((), rng) for _ in range(20)]
    texts += [prompt.text for prompt in prompts_for(CLASSES)]
    lengths = []
    for text in texts:
        ids = tokenizer(text)["input_ids"]
        assert tokenizer.unk_token_id not in ids, text
        lengths.append(len(ids))
    assert max(lengths) <= 64
