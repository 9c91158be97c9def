"""Settings: where things lie and how the processes are sized.

Every field can be set as AGORA_<NAME> in the environment or in a file .env in the current folder; .env.example lists them.
One that may hold a password can also be given as AGORA_<NAME>_FILE, a file with the value; those are the fields with repr=False.
Pass the object as an argument; nothing reads settings when it is imported.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

from pydantic import AliasChoices, Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from pipelines import settings_sources as sources
from pipelines.places import ObjectFolder, Place, check_endpoint, place_named
from pipelines.secrecy import refuse_samples

PROJECT_DIR = Path(__file__).resolve().parents[1]
MEMORY = r"^[1-9][0-9]*[mg]$"
ADDRESSES = r"[^:,\s]+:[0-9]+(,[^:,\s]+:[0-9]+)*"
IDENTIFIER = r"^[a-z_][a-z0-9_]{0,62}$"  # what PostgreSQL takes without quotes
SCHEMES = {
    "redis_url": ("redis://", "rediss://"),
    "elasticsearch_url": ("http://", "https://"),
    "kibana_url": ("http://", "https://"),
    "mongodb_url": ("mongodb://", "mongodb+srv://"),
}


def _also(name: str) -> AliasChoices:
    """A setting that may also be given under its plain name, as other programs call it."""
    return AliasChoices(f"AGORA_{name}", name)


class Settings(BaseSettings):
    """What can be set. Frozen; relative folders become absolute when the object is made."""

    model_config = SettingsConfigDict(
        env_prefix="AGORA_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    mode: Literal["development", "production"] = "development"
    """In production no sample password is taken."""

    data_dir: Path = Path(".agora")
    """Runs, checkpoints, tables and the local servers' data."""

    lake: str = ""
    """Where the Delta tables lie: a folder, or s3://bucket/prefix of an S3-compatible object store; empty: in the data folder."""

    results_dir: Path = Path("results")
    """CSV files and charts."""

    jars_dir: Path = PROJECT_DIR / "jars"
    """The folder whose lib/kafka, lib/spark and so on hold what `make setup` fetched."""

    own_servers: bool = False
    """Every server is a local one of the data folder, whatever the other settings say of servers elsewhere: for storms and benchmarks."""

    broker: str = ""
    """Addresses host:port of an existing Kafka cluster; empty: the local broker."""

    kafka_port: int = Field(0, ge=0, le=65535)
    """Port of the local broker; 0: a free one, remembered in the data folder."""

    kafka_partitions: int = Field(2, ge=1, le=1000)
    """Partitions of each topic of events, when it is made; afterwards it must stay the same for everybody who reads the topics."""

    kafka_heap: str = Field("512m", pattern=MEMORY)
    """Heap of the local broker."""

    kafka_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """How the broker is spoken to; SASL: with a login, SSL: encrypted. The local broker knows PLAINTEXT and SASL_PLAINTEXT."""

    kafka_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = "SCRAM-SHA-512"
    """How clients log in at an existing cluster; the local broker knows SCRAM-SHA-512."""

    kafka_user: str = Field("", pattern=r"^[^\s\"',=]*$")
    """Who this process is for Kafka; empty: the principal made for its work, such as agora-worker."""

    kafka_password: str = Field("", repr=False)
    """That user's password; empty: it is in the folder of the next setting."""

    kafka_users_dir: Path | None = None
    """A folder with a file NAME.password for each principal; unset: the local broker's."""

    kafka_ca_file: Path | None = None
    """The certificates (PEM) by which an encrypted broker is known; unset: the system's."""

    redis_url: str = Field("", repr=False, validation_alias=_also("REDIS_URL"))
    """redis://user:password@host:port/0 of an existing Redis; empty: the local one."""

    redis_port: int = Field(0, ge=0, le=65535)
    """Port of the local Redis; 0: a free one, remembered in the data folder. The same holds for the next ports."""

    elasticsearch_url: str = Field("", repr=False, validation_alias=_also("ELASTICSEARCH_URL"))
    """http://user:password@host:port of an existing Elasticsearch; empty: the local one."""

    elasticsearch_port: int = Field(0, ge=0, le=65535)
    """Port of the local Elasticsearch."""

    elasticsearch_heap: str = Field("512m", pattern=MEMORY)
    """Heap of the local Elasticsearch."""

    kibana_url: str = Field("", repr=False)
    """http://user:password@host:port of a Kibana, which `agora prepare kibana` gives the dashboards; there is no local one."""

    mongodb_url: str = Field("", repr=False, validation_alias=_also("MONGODB_URL"))
    """mongodb://user:password@host:port/ of an existing MongoDB; empty: the local stand-in."""

    mongodb_port: int = Field(0, ge=0, le=65535)
    """Port of the local stand-in for MongoDB."""

    mongodb_heap: str = Field("256m", pattern=MEMORY)
    """Heap of the local stand-in for MongoDB."""

    cassandra: str = ""
    """Addresses host:port of an existing Cassandra cluster; empty: the local one."""

    cassandra_user: str = ""
    """User at the existing Cassandra cluster; empty: it asks for none."""

    cassandra_password: str = Field("", repr=False)
    """That user's password."""

    cassandra_port: int = Field(0, ge=0, le=65535)
    """Port of the local Cassandra."""

    cassandra_heap: str = Field("512m", pattern=MEMORY)
    """Heap of the local Cassandra."""

    database_url: str = Field("", repr=False, validation_alias=_also("DATABASE_URL"))
    """SQLAlchemy URL of the relational database; empty: the local PostgreSQL if there is one, otherwise a SQLite file."""

    postgres_port: int = Field(0, ge=0, le=65535)
    """Port of the local PostgreSQL."""

    postgres_user: str = Field("agora", pattern=IDENTIFIER, validation_alias=_also("POSTGRES_USER"))
    """Who owns the local PostgreSQL's database."""

    postgres_password: str = Field("", repr=False, validation_alias=_also("POSTGRES_PASSWORD"))
    """The owner's password, set at the first start; empty: a random one, kept in the server's folder."""

    postgres_db: str = Field("agora", pattern=IDENTIFIER, validation_alias=_also("POSTGRES_DB"))
    """The local PostgreSQL's database."""

    airflow_url: str = Field("", repr=False)
    """http://user:password@host:port of the Airflow that a stream tells of new versions of silver, or `local`; empty: it tells nobody."""

    airflow_port: int = Field(0, ge=0, le=65535)
    """Port of the local Airflow; 0: a free one, remembered in the data folder."""

    server_user: str = "nobody"
    """Whom servers run as that refuse to run as root, when root starts them."""

    spark_master: str = "local[2]"
    """Where Spark runs."""

    spark_python: str = ""
    """Python of the executors of a Spark master elsewhere, a path on their machines; empty: the path of this one."""

    spark_driver_memory: str = Field("2g", pattern=MEMORY)
    """Heap of the Spark driver, which is all of Spark in local mode."""

    spark_executor_memory: str = Field("1g", pattern=MEMORY)
    """Heap of each executor of a Spark master elsewhere; local mode has none."""

    spark_driver_host: str = "127.0.0.1"
    """Name of this machine by which the executors of a Spark master elsewhere reach the driver."""

    spark_ui_port: int = Field(0, ge=0, le=65535)
    """Port of Spark's own web page; 0: none."""

    java_home: Path | None = Field(None, validation_alias=AliasChoices("AGORA_JAVA_HOME", "JAVA_HOME"))
    """A Java 17 or later; unset: the `java` on the path."""

    start_timeout: float = Field(60.0, gt=0)
    """Seconds that a local server may take until it answers."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """What is logged, on standard error."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, the environment, .env, and the files that either of the two names."""
        return init_settings, *sources.outside(settings_cls, env_settings, dotenv_settings)

    @field_validator("kafka_protocol", "kafka_mechanism", mode="before")
    @classmethod
    def _capitals(cls, word: object) -> object:
        return word.upper() if isinstance(word, str) else word

    @model_validator(mode="after")
    def _no_samples(self) -> Settings:
        if self.mode == "production":
            refuse_samples(sources.passwords(self))
        return self

    @field_validator("data_dir", "results_dir", "jars_dir", mode="after")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @field_validator("lake", mode="after")
    @classmethod
    def _place(cls, lake: str) -> str:
        return str(place_named(lake)) if lake else ""

    @model_validator(mode="after")
    def _store(self) -> Settings:
        if isinstance(self.lake_dir, ObjectFolder):
            given = sources.variables(type(self))
            check_endpoint(given.get("AWS_ENDPOINT_URL", ""), given.get("AWS_ALLOW_HTTP", "").lower() in sources.TRUE)
        return self

    @field_validator("kafka_ca_file", mode="after")
    @classmethod
    def _readable(cls, path: Path | None) -> Path | None:
        found = path.expanduser().absolute() if path else None
        if found and not found.is_file():
            raise ValueError("must be a file with certificates (PEM)")
        return found

    @field_validator("broker", "cassandra", mode="after")
    @classmethod
    def _addresses(cls, addresses: str) -> str:
        if addresses and not re.fullmatch(ADDRESSES, addresses):
            raise ValueError("must be host:port, several of them separated by commas")
        return addresses

    @field_validator("airflow_url", mode="after")
    @classmethod
    def _airflow(cls, url: str) -> str:
        if url and url != "local" and not url.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://, or be the word local")
        return url

    @field_validator(*SCHEMES, mode="after")
    @classmethod
    def _url(cls, url: str, info: ValidationInfo) -> str:
        wanted = SCHEMES[info.field_name or ""]
        if url and not url.startswith(wanted):
            raise ValueError(f"must begin with {' or '.join(wanted)}")
        return url

    @field_validator("database_url", mode="after")
    @classmethod
    def _database(cls, url: str) -> str:
        if url and "://" not in url:
            raise ValueError("must be a URL such as sqlite:////folder/agora.db or postgresql+psycopg://user:password@host:5432/agora")
        return url

    def apart(self, data_dir: Path, **changes: Any) -> Settings:
        """The settings of a flow of its own in that folder, with a broker that asks nobody who he is."""
        own = {name: type(self).model_fields[name].default for name in sources.ELSEWHERE}
        return self.model_copy(update=own | {"own_servers": True, "data_dir": data_dir, **changes})

    def portable(self) -> dict[str, Any]:
        """The settings for another process, which takes the secrets from its own environment: they are neither sent nor shown."""
        return self.model_dump(mode="json", exclude=set(sources.secrets_of(type(self))))

    @property
    def lake_dir(self) -> Place:
        """The Delta tables."""
        return place_named(self.lake) if self.lake else self.own_lake_dir

    @property
    def own_lake_dir(self) -> Path:
        """The tables of a flow that has everything in its data folder."""
        return self.data_dir / "lake"

    @property
    def runs_dir(self) -> Path:
        """One folder per run."""
        return self.data_dir / "runs"

    @property
    def checkpoints_dir(self) -> Path:
        """What Spark's queries and the trainings save to go on from."""
        return self.data_dir / "checkpoints"

    @property
    def stack_dir(self) -> Path:
        """The local servers' data, logs and process ids."""
        return self.data_dir / "stack"

    @property
    def sinks_dir(self) -> Path:
        """What the sinks say of themselves, and their locks."""
        return self.data_dir / "sinks"

    @property
    def kafka_users(self) -> Path:
        """Where the passwords of Kafka's principals lie."""
        return (self.kafka_users_dir or self.stack_dir / "kafka" / "users").expanduser().absolute()

    @property
    def kafka_jars(self) -> Path:
        """The local broker's jars; never on Spark's class path."""
        return self.jars_dir / "lib" / "kafka"

    @property
    def elasticsearch_home(self) -> Path:
        """The folder that holds the unpacked Elasticsearch."""
        return self.jars_dir / "lib" / "elasticsearch"

    @property
    def mongodb_jars(self) -> Path:
        """The jars of MongoDB's stand-in."""
        return self.jars_dir / "lib" / "mongodb"

    @property
    def cassandra_jars(self) -> Path:
        """The local Cassandra's jars."""
        return self.jars_dir / "lib" / "cassandra"

    @property
    def spark_jars(self) -> Path:
        """What Spark needs beyond pyspark."""
        return self.jars_dir / "lib" / "spark"


def settings() -> Settings:
    """The settings of this process: the environment, then .env, then the defaults. Raises ValueError, naming the variable and its rule."""
    try:
        found = Settings()
        if isinstance(found.lake_dir, ObjectFolder):
            sources.tell_the_clients(Settings)
        return found
    except ValidationError as error:
        raise ValueError(
            f"{sources.what_is_wrong(Settings, error)}; see .env.example for what can be set"
        ) from None  # the cause would show secrets
