from pipelines.apps.main import main

raise SystemExit(main(["simulate", "--scenario", "reference", "--to", "csv"]))
