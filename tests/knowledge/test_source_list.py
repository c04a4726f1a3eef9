"""Only listed organisations can be cited, at addresses of their own, as the class that they are (S-21)."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge import Store
from knowledge.schema import SOURCE_CLASSES, STRONG_CLASSES, Source


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("NHS", "NHS"),
        ("NHS (UK)", "NHS"),
        ("nhs", "NHS"),
        ("FDA", "US Food and Drug Administration"),
        ("US Food and Drug Administration (FDA)", "US Food and Drug Administration"),
        (
            "National Institute of Arthritis and Musculoskeletal and Skin Diseases (NIAMS)",
            "National Institute of Arthritis and Musculoskeletal and Skin Diseases",
        ),
        ("MedlinePlus (US National Library of Medicine)", "MedlinePlus"),
        ("MedlinePlus Genetics (formerly Genetics Home Reference)", "MedlinePlus Genetics"),
        ("JAMA (Burt et al.)", "JAMA"),
        ("EBMT (Greco et al.)", "European Society for Blood and Marrow Transplantation"),
        ("The Lancet (Conrad et al.)", "The Lancet"),
        ("Crohn\u2019s & Colitis UK", "Crohn's & Colitis UK"),
        (
            "Annals of the Rheumatic Diseases (Alvaro-Gracia et al.), via Oxford NDORMS",
            "Annals of the Rheumatic Diseases",
        ),
        ("FDA (warning letter, republished by EIN Presswire)", None),
        ("WebMD (quoting a JDRF vice president)", None),
        ("Medscape", None),
        ("Stemedix Inc. (clinic marketing post; seed article)", None),
        ("Mayo Clinic", None),
        ("San Francisco Chronicle", None),
        ("", None),
    ],
)
def test_a_name_leads_to_a_listed_organisation_or_to_none(real_store: Store, name: str, expected: str | None) -> None:
    found = real_store.source_list.find(name)
    assert (found.name if found else None) == expected


@pytest.mark.parametrize(
    ("name", "url", "owns"),
    [
        ("NHS", "https://www.nhs.uk/conditions/lupus/", True),
        ("NHS", "https://campbellspharmacy.example/lupus", False),
        ("NHS", "https://www.nhs.uk.evil.example/", False),
        ("NHS", "https://notnhs.uk/", False),
        ("FDA", "https://fda.gov/x", True),
        ("FDA", "https://doi.org/10.1000/1", False),
        ("EBMT", "https://doi.org/10.1038/s41409-019-0684-0", True),
        ("JAMA", "https://pmc.ncbi.nlm.nih.gov/articles/PMC6439765", True),
        ("National Institutes of Health", "https://newsinhealth.nih.gov/x", True),
    ],
)
def test_an_address_belongs_to_its_organisation_or_not(real_store: Store, name: str, url: str, owns: bool) -> None:
    organisation = real_store.source_list.find(name)
    assert organisation is not None
    assert real_store.source_list.owns(organisation, url) is owns


@pytest.mark.parametrize(
    ("name", "url", "expected"),
    [
        ("NHS", "https://www.nhs.uk/x", "government"),
        ("EMA", "https://www.ema.europa.eu/x", "regulator"),
        ("NICE", "https://www.nice.org.uk/x", "guideline"),
        ("ClinicalTrials.gov", "https://clinicaltrials.gov/study/NCT04047628", "trial"),
        ("New England Journal of Medicine", "https://doi.org/10.1056/NEJMoa1703327", "trial"),
        ("New England Journal of Medicine", "https://doi.org/10.1056/other", "journal"),
        ("MS Society (UK)", "https://www.mssociety.org.uk/x", "charity"),
        ("Nobody", "https://nobody.example/", None),
    ],
)
def test_a_source_counts_as_its_class(real_store: Store, name: str, url: str, expected: str | None) -> None:
    source = Source(organisation=name, title="T", url=url, year=None, accessed=date(2026, 11, 22))
    assert real_store.source_list.class_of(source) == expected


def test_no_name_or_alias_means_two_organisations(real_store: Store) -> None:
    names = [n.casefold() for o in real_store.sources.values() for n in (o.name, *o.aliases)]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_every_organisation_has_a_class_and_a_safe_homepage(real_store: Store) -> None:
    assert {o.source_class for o in real_store.sources.values()} == set(SOURCE_CLASSES)
    assert set(SOURCE_CLASSES) >= STRONG_CLASSES
    assert all(o.homepage.startswith("https://") for o in real_store.sources.values())


def test_no_listed_organisation_is_a_clinic_or_a_seller(real_store: Store) -> None:
    words = ("clinic ", "stem cell center", " inc", " llc", " ltd", " spa ", "wellness")
    assert [name for name in real_store.sources if any(word in f"{name.casefold()} " for word in words)] == []
