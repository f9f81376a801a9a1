"""Figures for a monitor in the form of Prometheus: how much happens and how long it takes, never who or what."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

REGISTER = CollectorRegistry()
ProcessCollector(registry=REGISTER)
EREIGNISSE = Counter(
    "sozialanalyse_ereignisse", "Ereignisse des Webdienstes", ["ereignis", "art"], registry=REGISTER
)
DAUER = Histogram(
    "sozialanalyse_antwort_sekunden", "Dauer der Antworten", ["art"], registry=REGISTER,
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60),
)  # fmt: skip
OFFEN = Gauge("sozialanalyse_seiten_offen", "Seiten, die berechnet werden oder warten", registry=REGISTER)


def zaehle(ereignis: str, angaben: Mapping[str, object]) -> None:
    """Count an event of the log, by its reason or status if it has one."""
    EREIGNISSE.labels(ereignis, str(angaben.get("grund", angaben.get("status", "")))).inc()
