"""The only place that wires: settings in, a service out. Everything heavy is loaded when it is first needed."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import SettingsError

from triage.classify.model import Model
from triage.classify.serving import unfit_to_serve
from triage.classify.shelf import ModelShelf, ShelvedModel
from triage.classify.store import TABLE, checked_bytes, load_model, read_manifest
from triage.classify.taxonomy import Taxonomy
from triage.desk.learning.answering import Answering
from triage.desk.learning.champion import Promotion
from triage.desk.learning.pairs_kept import FILE as PAIRS
from triage.desk.learning.pairs_kept import KeptPairs
from triage.desk.learning.shadow import Shadow
from triage.desk.orders.books import Books
from triage.desk.orders.linking import Linking
from triage.desk.orders.snapshots import Snapshots
from triage.desk.reading import likely_categories, read_order
from triage.desk.requests import DecisionRequest
from triage.desk.suggest import Considered, consider, suggestion
from triage.desk.town import Town
from triage.domain.decisions import Decision
from triage.domain.errors import BadInput, ModelFault, Problem
from triage.domain.moments import SHANGHAI
from triage.language.places import PlaceFinder
from triage.language.word_table import WordTable
from triage.policy.calendar.statecalendar import StateCalendar
from triage.policy.calendar.workdays import OfficeHours, WorkingTime
from triage.policy.pack.load import PackShelf
from triage.policy.pack.pack import Pack
from triage.records.columns import canonical
from triage.records.database import Database
from triage.records.ledger import Ledger
from triage.records.vault import Vault
from triage.settings import Settings
from triage.similar.callers.tokens import CallerTokens
from triage.similar.encoding.choice import encoder_from
from triage.similar.encoding.encoder import Encoder
from triage.similar.encoding.town import TownEncoder
from triage.similar.grouping.grouping import Grouping
from triage.similar.grouping.pair_store import read_pair_model
from triage.similar.grouping.pairs import PairModel
from triage.similar.linker import Linker
from triage.similar.memory import Memory
from triage.similar.signature import SignatureReader
from triage.similar.start import FILE as START
from triage.similar.start import Start

HERE = Path(__file__).parent


class Service:
    """The wired use cases. Models, packs and the calendar are read once, on first use."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.answering = self.following()
        self._towns: dict[tuple[str, str], Town] = {}
        self._working_times: dict[tuple[time, time], WorkingTime] = {}

    def decide(self, request: DecisionRequest) -> Decision:
        """Decide one order by itself and keep nothing; UnknownPolicy where no pack has the policy."""
        return suggestion(self.consider(request), as_of=request.at, stated=request.stated).decision

    def consider(self, request: DecisionRequest, model: Model | None = None) -> Considered:
        """Read an order: what its own words say, before others are asked; by the model that answers unless given."""
        town = self.town(request.policy, request.order.received_at)
        return consider(request.order.to_order(), town=town, model=model or self.model, taxonomy=self.taxonomy)

    def new_memory(self, policy: str) -> Memory:
        """A memory of a policy's orders that has seen none yet."""
        return Memory(self.new_linker(self.places(policy)), self.caller_tokens)

    def places(self, policy: str | None) -> PlaceFinder:
        """What finds places: those that a jurisdiction knows, or, without one, those whose endings tell."""
        return PlaceFinder({}) if policy is None else self.town(policy).places

    def new_linker(self, places: PlaceFinder) -> Linker:
        """A linker that has seen no order yet, with the encoder and the pair model that the settings name."""
        encoder, folder = self.new_encoder(), self.settings.pairs
        model = PairModel() if folder is None else read_pair_model(folder)
        return Linker(SignatureReader(places), encoder, self.new_grouping(encoder.width, model))

    def new_encoder(self) -> Encoder:
        """The encoder of the settings; the default one has read the written examples."""
        if self.settings.encoder is not None:
            return encoder_from(self.settings.encoder, self.settings.encoder_cache)
        encoder = TownEncoder(self._table)
        encoder.restore(self._start.encoder)
        return encoder

    def new_grouping(self, width: int, model: PairModel) -> Grouping:
        """A grouping without orders that knows from the written examples which words are common."""
        grouping = Grouping(width, model)
        grouping.rarity.restore(self._start.rarity)
        return grouping

    def likely_categories(self, texts: Sequence[tuple[str, str]]) -> list[tuple[tuple[str, float], ...]]:
        """The likeliest categories of titles with texts, with their probabilities."""
        return likely_categories(texts, self.model)

    @cached_property
    def _table(self) -> WordTable:
        """One for all towns: it is 60 MB in memory and never changes."""
        return WordTable.read(default_model() / TABLE)

    @cached_property
    def _start(self) -> Start:
        folder = default_model()
        return Start.from_bytes(checked_bytes(folder, START, read_manifest(folder)))

    @cached_property
    def caller_tokens(self) -> CallerTokens:
        """Makes the callers' pseudonyms; without a secret of the town's they hold for this process only."""
        secret = self.settings.secret
        given = secrets.token_bytes() if secret is None else secret.get_secret_value().encode()
        return CallerTokens(given, area_code=self.settings.area_code)

    def books(self, url: str) -> Books:
        """The ledger of a database, its tables brought up to date, with all that the use cases need.

        From now on the model answers that this ledger names. BadInput where the secret is missing or too short, or the
        address is none; LedgerFault where the database cannot be used.
        """
        secret = self.settings.secret
        if secret is None:
            fault = "is needed to keep orders: at least 16 bytes, kept outside the database"
            raise BadInput("settings", [Problem(("TRIAGE_SECRET",), fault)])
        vault = Vault(secret.get_secret_value().encode())
        ledger = self.ledger(url)
        database = ledger.database
        answering = self.answering = self.following(database)
        folder = self.settings.snapshots or database.snapshots
        snapshots = None if folder is None else Snapshots(folder, vault, self._read_with)
        return Books(
            ledger=ledger,
            vault=vault,
            town=self.town,
            consider=lambda request: self.consider(request, answering.model),
            new_linking=lambda policy, originals: Linking(
                policy, partial(self.new_memory, policy), originals, self._read_with(policy), snapshots
            ),
            now=self._now,
        )

    def ledger(self, url: str) -> Ledger:
        """The ledger of a database, its tables brought up to date, for what needs nothing that is sealed."""
        database = Database(url)
        database.migrate()
        return Ledger(database, self._now)

    def _now(self) -> datetime:
        return datetime.now(SHANGHAI)

    def _read_with(self, policy: str) -> dict[str, str]:
        """What a policy's orders are read with, by version and digest: what was read or remembered holds for these."""
        pack = self.town(policy).pack
        places = canonical([pack.territory.inside.model_dump(mode="json"), list(pack.words)])
        digest = sha256(places.encode("utf-8", "surrogatepass")).hexdigest()
        return {"pack": pack.version, "places": digest, "area_code": self.settings.area_code}

    def warm_up(self) -> None:
        """Read everything now, so that the first order does not wait for it."""
        self._warm(self.model)

    def _warm(self, model: Model) -> None:
        """Have a model decide an order of every jurisdiction."""
        for policy in self.shelf.ids():
            order = {"received_at": "2026-01-05T09:00", "text": "小区门口路灯不亮"}
            request = DecisionRequest.model_validate({"policy": policy, "order": order})
            suggestion(self.consider(request, model), as_of=request.at, stated=request.stated)

    def town(self, policy: str, at: datetime | None = None) -> Town:
        """A jurisdiction, ready, with the version of its pack in force at `at` (the newest, unless given)."""
        return self.town_of(self.shelf.get_or_raise(policy, at))

    def town_of(self, pack: Pack) -> Town:
        """The jurisdiction of one version of a pack."""
        key = (pack.id, pack.version)
        if key not in self._towns or self._towns[key].pack is not pack:
            self._towns[key] = Town(pack, self._hours(pack.office_hours.start, pack.office_hours.end))
        return self._towns[key]

    def _hours(self, start: time, end: time) -> WorkingTime:
        """One for all towns with these office hours: what one has counted the others need not count again."""
        if (start, end) not in self._working_times:
            self._working_times[start, end] = WorkingTime(self.calendar, OfficeHours(start, end))
        return self._working_times[start, end]

    @property
    def model(self) -> Model:
        """The model that answers now. It may be another one a moment later: whoever decides takes it once."""
        return self.answering.model

    @cached_property
    def models(self) -> ModelShelf:
        """The models at hand: those in the settings' folder, and the one that answers where nothing is promoted."""
        return ModelShelf(self.settings.models, self.settings.model or default_model())

    def try_on(self, found: ShelvedModel) -> Model:
        """Load a model as it would serve; ModelFault where it cannot."""
        return _fit_to_serve(load_model(found.folder, found.digest), found.folder)

    def following(self, database: Database | None = None) -> Answering:
        """The model that answers by a ledger's promotions, which a folder that the settings name beats, with the
        promises that were tightened there."""
        promoted = self.settings.model is None
        return Answering(lambda: self._unpromoted, self._promoted, self._warm, database, promoted=promoted)

    @cached_property
    def shadow(self) -> Shadow | None:
        """What has the settings' challenger answer silently; None where they name none."""
        folder = self.settings.challenger
        if folder is None:
            return None
        return Shadow(
            lambda: _fit_to_serve(load_model(folder), folder),
            lambda considered, model: read_order(considered.order, model, self.taxonomy, considered.town),
            KeptPairs(self.settings.models / PAIRS),
        )

    @cached_property
    def _unpromoted(self) -> Model:
        """The model that answers where nothing is promoted."""
        folder = self.settings.model or default_model()
        return _fit_to_serve(load_model(folder), folder)

    def _promoted(self, promotion: Promotion) -> Model:
        """The very model that was promoted, by the digest in the ledger."""
        folder = self.models.folder_of(promotion.name, promotion.version)
        return _fit_to_serve(load_model(folder, promotion.digest), folder)

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """The categories, from the default model's folder."""
        folder = default_model()
        return Taxonomy.from_json(checked_bytes(folder, "taxonomy.json", read_manifest(folder)))

    @cached_property
    def calendar(self) -> StateCalendar:
        """The state calendar with the offline file's years."""
        calendar = StateCalendar.published()
        return calendar if self.settings.calendar is None else calendar.with_file(self.settings.calendar)

    def is_day_off(self, day: date) -> bool:
        """Whether a day is off by the state calendar; Saturdays and Sundays where its year is not published yet."""
        return not self.calendar.is_workday(day)

    @cached_property
    def shelf(self) -> PackShelf:
        """The packs that ship and the town's own."""
        folder = self.settings.packs
        if folder is not None and not folder.is_dir():
            raise BadInput("settings", [Problem(("TRIAGE_PACKS",), f"{folder} is not a folder")])
        folders = () if folder is None else (folder,)
        return PackShelf(self.taxonomy.ids, folders, self.settings.parameters)


def build(settings: Settings | None = None) -> Service:
    """A service from the environment's settings, or from those given; BadInput names a variable that cannot be read."""
    try:
        return Service(Settings() if settings is None else settings)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        problems = [Problem((_variable(fault["loc"]),), fault["msg"]) for fault in faults]
        raise BadInput("settings", problems) from None
    except SettingsError as error:
        raise BadInput("settings", [Problem((), f"{error}: it must be JSON")]) from None


def packs_and_hours() -> tuple[PackShelf, Callable[[Pack], WorkingTime]]:
    """The packs by the environment's settings, with the working time of each: all that judging needs."""
    service = build()
    return service.shelf, lambda pack: service.town_of(pack).hours


def _fit_to_serve(model: Model, folder: Path) -> Model:
    unfit = unfit_to_serve({task: head.classes_.tolist() for task, head in model.heads.items()})
    if unfit:
        raise ModelFault(f"model {folder} cannot serve decisions: {'; '.join(unfit)}")
    return model


def _variable(loc: tuple[str | int, ...]) -> str:
    return ".".join(["TRIAGE_" + str(loc[0]).upper(), *map(str, loc[1:])])


def default_model() -> Path:
    """The model that ships: inside the installed package, or in the repository beside it."""
    inside = HERE / "default_model"
    return inside if inside.is_dir() else HERE.parent / "models" / "default"
