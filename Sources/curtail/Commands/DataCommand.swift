import ArgumentParser

/// `curtail data`: meter values in and out.
struct DataCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "Import, ingest, undo, show, clean and export meter values.",
        discussion: """
            A file's delimiter, header, columns, decimal mark, unit, layout, step and register values are found out;
            'preview' shows what was found, and options change it. Green Button XML is read too.

            Examples:
              curtail data preview load.csv
              curtail data import load.csv --create-meters Europe/Berlin
              curtail data import feed.xml --meter M-1 --dry-run
              curtail data imports
              curtail data undo 7
              gateway | curtail data ingest
              curtail data show M-1 --from 2026-07-01 --to 2026-08-01 --resolution 1d
              curtail data export --meter M-1 --format csv >readings.csv
            """,
        subcommands: [
            DataPreviewCommand.self, DataImportCommand.self, DataImportsCommand.self, DataUndoCommand.self,
            DataIngestCommand.self, DataShowCommand.self, DataExportCommand.self, DataCleanCommand.self,
            DataUncleanCommand.self,
            DataEditCommand.self,
        ])
}
