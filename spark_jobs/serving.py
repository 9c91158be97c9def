"""Servers inside Spark's driver through which others ask the tables: Spark Connect, and HiveServer2's protocol for JDBC and ODBC."""

from __future__ import annotations

from pyspark.sql import SparkSession

CONNECT_PLUGIN = "org.apache.spark.sql.connect.SparkConnectPlugin"


def connect_options(host: str, port: int) -> dict[str, str]:
    """What a session is built with so that it serves Spark Connect, in the way of `spark_jobs.session.build`."""
    binding = "spark__connect__grpc__binding__"
    return {"spark__plugins": CONNECT_PLUGIN, f"{binding}address": host, f"{binding}port": str(port)}


def start_thrift(session: SparkSession, host: str, port: int) -> None:
    """Serve JDBC and ODBC clients from a session's driver, as long as that lives. They see its tables and views."""
    session.conf.set("hive.server2.thrift.bind.host", host)
    session.conf.set("hive.server2.thrift.port", str(port))
    # whoever leaves would wait for ten tries, 2 s apart, to open Hive's own catalogue, which is not there
    session.conf.set("hive.hmshandler.retry.attempts", "0")
    server = session.sparkContext._jvm.org.apache.spark.sql.hive.thriftserver.HiveThriftServer2  # type: ignore[union-attr]
    server.startWithSparkSession(session._jsparkSession, False)
