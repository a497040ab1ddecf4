"""Prose as papers have it, written for the tests."""

ENGLISH = """
Keeping a Cargo Dry: Durable Imports of Research Libraries

A knowledge graph connects the papers of a research library with their authors and with the ideas that they share.
We present a system for building knowledge graphs from reference managers. Every import is a durable workflow: a
workflow engine records each step, so that an import survives the crash of any process. Earlier systems kept the
state of an import in a message queue and lost it with the worker (Carter, 2019; Miller et al., 2021). In contrast,
a durable workflow replays its event history after a crash, and the knowledge graph is the same as after an
undisturbed import.

Entity resolution decides which names denote one entity. Entity resolution over sorted names does not depend on the
order of arrival, and therefore concurrent workers build the same graph. We compare entity resolution by edit
distance with entity resolution by embedding similarity. Edit distance is cheap, while embedding similarity needs a
language model. A language model is also what rate limits constrain: the rate limits of a provider are shared by all
workers, and a worker that meets a rate limit waits on a durable timer. J. Q. Example suggested the durable timer to
us; see Example (2020) and https://example.org/durable-timer for details [1, 2-4]. In the formula $x_{ij} = \\alpha
y + z$ the x and the y denote weights, as in a + b = c, and 42 of 100 runs took 3.14 s.

Table 2 shows our results. The results show that our method is significantly better. The results of our method are
better than the results of other methods, and the method is simple.
"""

REFERENCES = """
References

[1] A. Example, B. Sample and C. Specimen. Stochastic turtle gradients for turtle racing. In Proc. of the 3rd Turtle
Conference, pp. 12-19, 2018. doi:10.5555/turtle.2018.12
[2] D. Muster. Turtle gradients revisited. Journal of Turtle Racing, vol. 4, no. 2, pp. 101-119, 2019.
[3] E. Exemple and F. Voorbeeld. Turtle gradients at scale. arXiv:1901.00001, 2019. https://example.org/turtle
[4] G. Ejemplo, H. Primjer. A survey of turtle gradients. Turtle Letters 7(3), 44-58, 2020.
"""

KOREAN = """
지식 그래프는 연구 자료의 문서와 저자, 그리고 그들이 공유하는 개념을 연결한다. 본 논문에서는 참고문헌 관리
도구로부터 지식 그래프를 구축하는 방법을 제안한다. 모든 가져오기는 내구성 워크플로로 실행된다. 내구성 워크플로는 각
단계를 이벤트 기록에 남기므로 프로세스가 중단되어도 이벤트 기록에서 다시 시작할 수 있다. 기존 연구에서는 작업 상태를
메시지 큐에 두었기 때문에 작업자가 중단되면 상태를 잃었다.

개체 해소는 서로 다른 이름이 같은 개체를 가리키는지를 판단하는 문제이다. 개체 해소의 정확도를 높이기 위해 편집
거리와 임베딩 유사도를 비교하였다. 편집 거리는 계산이 빠르지만 임베딩 유사도는 언어 모델이 필요하다. 실험결과에서
정확도는 편집 거리가 높았고, 재현율은 임베딩 유사도가 높았다. 실험결과를 분석하면 언어 모델의 호출 한도가 전체
시간을 좌우한다는 사실을 알 수 있다. 이러한 지식 그래프에서 LLM을 이용한 개념 추출은 향후 과제이다. LLM은 비용이
크며, LLM의 응답은 저장된다.
"""
