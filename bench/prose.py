"""Sentences that read like a paper's to a program: many words, and terms that come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

Topic = Sequence[str]
"""Terms that the papers of one topic keep coming back to."""


def _words(text: str) -> list[str]:
    return text.split()


@dataclass(frozen=True)
class Language:
    topics: Sequence[Topic]
    nouns: Sequence[str]
    qualities: Sequence[str]
    verbs: Sequence[str]
    patterns: Sequence[str]
    """Sentences with places for {term}, {noun}, {other}, {quality}, {verb}, {number} and {share}."""
    titles: Sequence[str]
    """With places for {term}, {noun}, {quality} and {number}."""

    def sentence(self, random: Random, topic: Topic) -> str:
        return random.choice(self.patterns).format(
            term=random.choice(topic),
            noun=random.choice(self.nouns),
            other=random.choice(self.nouns),
            quality=random.choice(self.qualities),
            verb=random.choice(self.verbs),
            number=random.randrange(2, 5000),
            share=random.randrange(10, 1000) / 10,
        )

    def title(self, random: Random, topic: Topic, number: int) -> str:
        return random.choice(self.titles).format(
            term=random.choice(topic),
            noun=random.choice(self.nouns),
            quality=random.choice(self.qualities),
            number=number,
        )


ENGLISH = Language(
    topics=(
        ("durable workflow", "event history", "replay determinism", "worker process", "task queue"),
        ("knowledge graph", "entity resolution", "provenance record", "relation extraction", "ontology alignment"),
        ("vector index", "nearest neighbour search", "static embedding", "hybrid retrieval", "ranking function"),
        ("tidal energy", "sediment transport", "harbour basin", "wave climate", "mooring line"),
        ("protein folding", "binding affinity", "molecular dynamics", "active site", "free energy landscape"),
        ("soil moisture", "crop yield", "irrigation schedule", "remote sensing", "drought index"),
        ("archival description", "oral history", "manuscript tradition", "dialect survey", "digital edition"),
        ("labour market", "wage inequality", "panel survey", "housing cost", "regional mobility"),
        ("solar cell", "perovskite layer", "charge carrier", "band gap", "thin film deposition"),
        ("speech recognition", "acoustic model", "language model", "beam search", "word error rate"),
    ),
    nouns=_words(
        "sample measurement interval boundary estimate residual threshold observation experiment component gradient "
        "distribution parameter hypothesis procedure instrument surface density response pattern section network "
        "archive catalogue reader corpus chapter witness season village river coast engine cargo vessel channel "
        "baseline control cohort variance error margin budget policy household firm contract region sector market "
        "enzyme membrane solvent cell tissue receptor sequence strain culture temperature pressure velocity mass"
    ),
    qualities=_words(
        "early late robust fragile sparse dense linear nonlinear local global careful rough stable noisy sufficient "
        "modest significant unexpected familiar historical regional experimental numerical ordinary deep shallow "
        "gradual abrupt plausible independent continuous discrete partial complete recent promising"
    ),
    verbs=_words(
        "explains predicts limits follows replaces confirms contradicts precedes shapes reduces amplifies resembles "
        "constrains reveals obscures determines supports weakens extends approximates outlives dominates"
    ),
    patterns=(
        "The {quality} {noun} of the {term} {verb} the {other} in {number} cases.",
        "In contrast to earlier work, we find that a {quality} {noun} {verb} each {term}, although {share} percent of "
        "the {other} remained unobserved.",
        "Every {term} was measured twice; the {noun} {verb} what the {quality} {other} had suggested.",
        "We therefore treat the {noun} as a property of the {term} and not of the {quality} {other}.",
        "Table {number} shows how the {noun} changes when the {term} is held constant.",
        "It is a {quality} {noun} that {verb} the {term}, as {number} readers of the {other} have pointed out.",
        "With a {noun} of {share} the {term} {verb} the {other}, which is {quality} but not surprising.",
        "A {term} without a {quality} {noun} is hardly more than a {other}.",
        "The authors thank {number} volunteers, whose {noun} made the {term} visible.",
    ),
    titles=(
        "On the {quality} {noun} of the {term} ({number})",
        "A {quality} view of {term} and {noun}, part {number}",
        "Revisiting the {term}: {noun} study {number}",
    ),
)

KOREAN = Language(
    topics=(
        ("지식 그래프", "개체 해소", "출처 기록", "관계 추출", "온톨로지"),
        ("음절 바이그램", "형태소 분석", "색인 구조", "검색 품질", "띄어쓰기"),
        ("해양 에너지", "조류 발전", "항만 운영", "퇴적물 이동", "파랑 관측"),
        ("토양 수분", "작물 수확량", "관개 계획", "원격 탐사", "가뭄 지수"),
        ("노동 시장", "임금 격차", "패널 조사", "주거 비용", "지역 이동"),
    ),
    nouns=_words(
        "표본 측정 구간 경계 추정 잔차 임계값 관찰 실험 요소 기울기 분포 매개변수 가설 절차 기기 표면 "
        "밀도 반응 양상 기록 목록 독자 말뭉치 계절 마을 해안 기관 화물 선박 통로 기준선 집단 분산 오차 "
        "예산 정책 가구 계약 지역 부문 온도 압력 속도 질량 자료 문헌"
    ),
    qualities=_words(
        "초기의 후기의 강건한 취약한 희소한 조밀한 국소적인 전역적인 신중한 안정된 충분한 뜻밖의 익숙한 "
        "역사적인 실험적인 평범한 점진적인 독립적인 연속적인 부분적인 완전한 최근의 유망한"
    ),
    verbs=_words(
        "설명한다 예측한다 제한한다 따른다 대체한다 확인한다 반박한다 앞선다 줄인다 키운다 드러낸다 결정한다 뒷받침한다"
    ),
    patterns=(
        "{quality} {noun}에서 {term}의 {other}을 {number}회 {verb}.",
        "{term}에 대한 {quality} {noun}은 {share}퍼센트의 경우에 {other}을 {verb}.",
        "본 연구는 {term}을 {noun}의 성질로 보고 {quality} {other}과 비교하였다.",
        "표 {number}에서 보듯이 {term}이 일정할 때 {noun}은 {quality} {other}을 {verb}.",
        "따라서 {noun}의 {other}은 {term}의 {quality} 결과라고 할 수 있다.",
        "{number}명의 독자가 지적하였듯이 {term}은 {quality} {noun} 없이는 {other}에 지나지 않는다.",
    ),
    titles=(
        "{term}의 {quality} {noun}에 관한 연구 {number}",
        "{term}과 {noun}: {quality} 고찰 {number}",
    ),
)
