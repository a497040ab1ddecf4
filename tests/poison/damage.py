"""Damage: what accidents and attackers do to bytes, drawn by hypothesis and applied to what was whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

Blow = Callable[[bytes], bytes]

_MOST = 1 << 17
"""Bytes that damage may leave: what is longer takes long to read for no reason but its length."""
_TOKENS = (
    *(b"(", b")", b"[", b"]", b"{", b"}", b"<", b">", b'"', b"'", b"@", b"#", b"%", b"&", b"\\", b"$", b"*", b"_"),
    *(
        b"\x00",
        b"\x01",
        b"\r",
        b"\n",
        b"\n\n",
        b"\t",
        b" ",
        b"\x0c",
        b"\xff",
        b"\xfe\xff",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
    ),
    *(
        "\ud800".encode("utf-8", "surrogatepass"),
        "\ufdd0".encode(),
        "\uffff".encode(),
        "\u202e".encode(),
        "가".encode(),
    ),
    *(b"&#0;", b"&#xD800;", b"&lol;", b"\\ud800", b"\\u0000", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"<![CDATA[", b"<!--"),
    *(b"-1", b"0", b"99999999999999999999", b"1e999", b"NaN", b"null", b"true", b"{}", b"[]", b"2 0 R", b"<<", b">>"),
    *(b"\\begin{a}", b"\\section{", b"{\\*", b"\\'zz", b"\\u-99999?", b"\\bin9999999999 ", b"```", b"> ", b"- ", b"|"),
    *(b"=?utf-8?b?/w==?=", b"Content-Type: multipart/mixed; boundary=a\n\n--a\n", b"charset=zz", b"<div>", b"<w:p>"),
    *(b"def a(", b"class ", b"#if ", b"/*", b"TY  - ", b"ER  - \n", b"00:00:01,000 --> ", b"PK\x03\x04", b"PK\x05\x06"),
)


def blows() -> st.SearchStrategy[Sequence[Blow]]:
    """One blow or several. Where they fall is a share of the whole, so that they fall on it whatever its length."""
    place = st.floats(0, 1, exclude_max=True)
    token = st.sampled_from(_TOKENS)
    few, many = st.integers(1, 3), st.sampled_from([20, 1_200, 3_000])
    return st.lists(
        st.one_of(
            st.builds(_overwrite, place, st.integers(0, 255)),
            st.builds(_insert, place, token, few),
            st.builds(_insert, place, token, many),
            st.builds(_cut_out, place, place),
            st.builds(_double, place, place, few),
            st.builds(_end_at, place),
        ),
        min_size=1,
        max_size=5,
    )


def applied(whole: bytes, struck: Sequence[Blow]) -> bytes:
    for blow in struck:
        whole = blow(whole)[:_MOST]
    return whole


def _overwrite(place: float, value: int) -> Blow:
    def blow(data: bytes) -> bytes:
        at = int(place * len(data))
        return data[:at] + bytes([value]) + data[at + 1 :]

    return blow


def _insert(place: float, token: bytes, times: int) -> Blow:
    def blow(data: bytes) -> bytes:
        at = int(place * len(data))
        return data[:at] + token * times + data[at:]

    return blow


def _cut_out(one: float, other: float) -> Blow:
    def blow(data: bytes) -> bytes:
        start, end = sorted((int(one * len(data)), int(other * len(data))))
        return data[:start] + data[end:]

    return blow


def _double(one: float, other: float, times: int) -> Blow:
    def blow(data: bytes) -> bytes:
        start, end = sorted((int(one * len(data)), int(other * len(data))))
        return data[:end] + data[start:end] * times + data[end:]

    return blow


def _end_at(place: float) -> Blow:
    return lambda data: data[: int(place * len(data))]
