"""Names of people: which are allowed, how they are written, and which two do not count as two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler_core.errors import InvalidValue
from scheduler_core.people.person_names import MAX_PERSON, person_named, same_person


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (" Ann@Example.ORG ", "ann@example.org"), ("AB12cd", "AB12cd"), ("Zoe\u0308", "Zoë"), ("Ｗｅｉ　Ｎｇ", "Wei Ng"),
        ("Ann\u00a0 \u2003Lee", "Ann Lee"), ("ﬁnn@example.org", "finn@example.org"), ("\ufee3\ufea4\ufee4\ufeaa", "محمد"),
        ("Lucia D\u00b4Angelo", "Lucia D\u2019Angelo"),
    ],
)  # fmt: skip
def test_names_are_written_in_one_way(text: str, name: str) -> None:
    assert person_named(text) == name


@pytest.mark.parametrize(
    "name",
    [
        "Nur Aisyah binti Abdullah", "Muhd. Faiz a/l Ravi", "陈美玲", "阿凡提·买买提", "王 (Leo) Wang", "எம். கோபாலகிருஷ்ணன்",
        "محمد عبد الله", "عُمَر", "Nguyễn Thị Ánh Tuyết", "Đỗ Hữu Phước", "श्रीमती लक्ष्मी देवी", "ਹਰਪ੍ਰੀਤ ਸਿੰਘ", "ശ്രീധരൻ",
        "ক্ষিতীশ", "สมชาย ใจดี", "မောင်မောင်", "김철수", "山田 太郎", "サトウ・タロウ", "Ольга Петрова", "Γιώργος", "שרה לוי",
        "O'Brien", "O’Brien", "Jean-Luc", "S. R. Nathan", "Łukasz Żółć", "ann+night@example.org", "иван@example.org",
        "auth0|12ab", "WORKS\\ann", "command line: ann", "علی\u200cرضا", "ශ්\u200dරී ප්\u200dරියන්ත",
    ],
)  # fmt: skip
def test_real_names_and_accounts_are_allowed_as_they_are(name: str) -> None:
    assert person_named(name) == name


INVISIBLE = (
    "\u200b", "\u202e", "\x00", "\x1b", "\u3164", "\uffa0", "\ufe0f", "\u2800", "\u034f", "\u115f", "\u1160", "\U000e0100",
    "\u00ad", "\u200c", "\u200d", "\u2060", "\ufeff", "\u061c", "\u180e", "\u17b4", "\ue000", "\U000e0041", "\u2028",
    "\U0001d159", "\U00013441", "\u0085", "\u206f", "\ufff9",
)  # fmt: skip


@pytest.mark.parametrize("sign", INVISIBLE)
@pytest.mark.parametrize("pattern", ["{}", "Bea{}trix", "Beatrix {}x"])
def test_a_sign_that_cannot_be_seen_is_refused_and_named(sign: str, pattern: str) -> None:
    with pytest.raises(InvalidValue, match=r"person: .* holds U\+|person: .* is empty"):
        person_named(pattern.format(sign))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"), ("  ", "is empty"), ("\u3000", "is empty"), ("x" * (MAX_PERSON + 1), "longer than 128"),
        ("\ufdfa" * 8, "longer than 128"), ("a\nb", "U[+]000A"), ("\ud800", "U[+]D800"), ("...", "a letter or a digit"),
        ("Bea☺", "U[+]263A WHITE SMILING FACE, which is no letter, digit or punctuation"),
        ("\u0301Bea", "U[+]0301 COMBINING ACUTE ACCENT, which stands on no letter"),
        ("Bea \u0301", "stands on no letter"), ("Be\u0301\u0301a", "twice on one letter"),
        ("B\u0300\u0301\u0302\u0303\u0304ea", "more than 4 marks"), ("1\u20e3", "U[+]20E3"),
        ("Вea", "mixes letters of Cyrillic and Latin in one word"), ("beа@example.org", "Cyrillic and Latin"),
        ("Beα", "Greek and Latin"), ("B\u0301е", "Cyrillic and Latin"), ("Лeв", "Cyrillic and Latin"),
    ],
)  # fmt: skip
def test_names_that_could_deceive_are_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidValue, match=reason) as caught:
        person_named(text, "approver")
    assert caught.value.where == "approver"


@pytest.mark.parametrize("sign", [*INVISIBLE, " ", "\u3000", "\u00a0"])
def test_a_name_with_a_sign_that_is_not_seen_is_no_second_name(sign: str) -> None:
    # Such names may stand in stores from the time before they were refused.
    if sign in ("\u2800", "\U0001d159"):
        return  # symbols, which have never been ignored by any rule of Unicode: they are refused when a name is given
    assert same_person("Beatrix", f"Bea{sign}trix")
    assert same_person(f"{sign}Beatrix", "Beatrix")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Beatrix", "BEATRIX"), ("Beatrix", "Ｂｅａｔｒｉｘ"), ("Beatrix Ng", "beatrixng"), ("Beatrix", "Веatriх"),
        ("beatrix", "ВЕАТRIХ"), ("Ian", "lan"), ("Іан", "іан"), ("Roma", "Rorna"), ("O'Neil", "O’Neil"),
        ("Сара", "Capa"), ("straße", "STRASSE"), ("علی\u200cرضا", "علیرضا"), ("Ɓeatrix", "ɓeatrix"), ("カト", "力ト"),
        ("Bill", "Bi\u01c1"), ("Hallam", "Ha\u01c1arn"), ("Lucia D\u00b4Angelo", "Lucia D'Angelo"),
    ],
)  # fmt: skip
def test_look_alikes_are_no_second_name(one: str, other: str) -> None:
    assert same_person(one, other)
    assert same_person(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ian", "Lan"), ("Mila", "Miia"), ("Zoe", "Zoë"), ("AL7", "A17"), ("محمد", "محمود"), ("李雷", "李蕾"), ("Ng", "Ang"),
        ("ann@example.org", "ann@example.com"), ("Siti Aminah", "Siti Aminoh"), ("கமலா", "கமல்"), ("Trần An", "Trận An"),
    ],
)  # fmt: skip
def test_two_people_with_like_names_are_two(one: str, other: str) -> None:
    assert not same_person(one, other)


@given(st.text(max_size=20))
def test_a_name_is_refused_or_stays_what_it_is(text: str) -> None:
    try:
        name = person_named(text)
    except InvalidValue:
        return
    assert person_named(name) == name
    assert same_person(name, text)
    assert name.strip() == name
