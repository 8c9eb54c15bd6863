import Credentials
import DemandResponse
import LocalServices
import MariaDB
import MeterData
import MutualTLS
import OpenADRXML
import Persistence
import Redis
import VirtualEndNode
import VirtualTopNode
import XMLSignatures

extension CommandFailure {
    /// What to tell people about an error of one of the parts; nil for one that nobody foresaw.
    init?(explaining error: any Error) {
        switch error {
        case let failure as CommandFailure:
            self = failure
        case let failure as LocalServicesError:
            self.init(failure.description, hint: failure.hint, status: .notReady)
        case let failure as MeterDataError:
            self.init(failure.description, hint: failure.hint)
        case let failure as MigrationError:
            self.init(failure.description, hint: "check the folder given by --root", status: .notReady)
        case let failure as RuleViolation:
            self.init(
                "The database refuses: \(failure).", hint: "see the rules in Database/README.md", status: .refused)
        case let failure as MissingRow:
            self.init(failure.description, hint: "list what there is with the same command's 'list'", status: .notFound)
        case let failure as SeriesError:
            self.init(failure.description, hint: "choose a shorter time or a coarser --at")
        case let failure as ImportError:
            self.init(failure.description, hint: failure.hint)
        case let failure as ImportRefusal:
            self.init(importRefusal: failure)
        case let failure as CleaningRefusal:
            self.init(failure.description, hint: "see 'curtail data clean --help'", status: .refused)
        case let failure as GreenButtonFile.Failure:
            self.init(failure.description, hint: "export the file again, or as CSV")
        case let failure as MariaDBError where failure.isDuplicateKey:
            self.init("There is one of that name already.", hint: "choose another name", status: .refused)
        case let failure as MariaDBError:
            let code = failure.code == 0 ? "" : " (\(failure.code))"
            self.init(
                "The database refused: \(failure.message)\(code).",
                hint: "check --database-url, or the log of the private server in the state directory",
                status: .notReady)
        case let failure as RedisError:
            self.init(failure.description, hint: "check --redis-url", status: .notReady)
        case let failure as OperatorError:
            self.init(refusal: failure)
        case let refusal as SettlementDesk.Refusal:
            self.init(unsettled: refusal)
        case SettlementError.amountTooLarge:
            self.init(
                "The payments are beyond what can be counted.", hint: "check the terms and the readings",
                status: .refused)
        case ReportError.severalCurrencies(let programme):
            self.init(
                "The events of \(programme) were paid in different currencies, which have no sum.",
                hint: "see 'curtail rewards list --json'", status: .refused)
        case let failure as ProgramStore.Failure:
            self.init(failure.description, hint: "see 'curtail programme list'", status: .refused)
        case let failure as SchemaSet.Failure:
            self.init(failure.description, hint: "check the folder given by --root", status: .notReady)
        case let failure as SignatureFailure:
            self.init(
                "A key for XML signatures cannot be used: \(failure.detail)", hint: "check the file and its key type")
        case let failure as CredentialError:
            self.init("A key or certificate cannot be used: \(failure)", hint: "check the file and the state directory")
        case let failure as TLSConfigurationError:
            self.init("TLS cannot be set up: \(failure)", hint: "check the credentials in the state directory")
        case let failure as JournalError:
            self.init("What the VEN must not forget cannot be kept: \(failure).", hint: failure.hint, status: .notReady)
        default:
            return nil
        }
    }

    /// Why a file of meter values is not imported.
    private init(importRefusal refusal: ImportRefusal) {
        switch refusal {
        case .noMeter: self.init(refusal.description, hint: "name its meter with --meter", status: .usage)
        case .unknownMeter:
            self.init(
                refusal.description, hint: "create it with 'curtail meter create', or give --create-meters ZONE",
                status: .notFound)
        case .problems:
            self.init(refusal.description, hint: "mend the rows, or import without --strict", status: .refused)
        case .tooLarge: self.init(refusal.description, hint: "import it without --strict", status: .refused)
        case .unknownBatch: self.init(refusal.description, hint: "see 'curtail data imports'", status: .notFound)
        case .alreadyUndone: self.init(refusal.description, hint: "see 'curtail data imports'", status: .refused)
        }
    }

    /// Why an event is not settled.
    private init(unsettled refusal: SettlementDesk.Refusal) {
        let list = "see 'curtail event list'"
        switch refusal {
        case .unknownEvent(let event):
            self.init("There is no event \(event.rawValue).", hint: list, status: .notFound)
        case .cancelled(let event):
            self.init(
                "The event \(event.rawValue) was cancelled; nothing is paid for it.", hint: list, status: .refused)
        case .test(let event):
            self.init("\(event.rawValue) is a test event; nothing is paid for it.", hint: list, status: .refused)
        case .busy(let event):
            self.init(
                "\(event.rawValue) was booked by others again and again meanwhile.", hint: "try again",
                status: .notReady)
        case .notOver(let event):
            self.init("The event \(event.rawValue) is not over.", hint: "settle it after its end", status: .notReady)
        case .noProgram(let context):
            self.init(
                "No programme has the market context \(context), or several have.",
                hint: "publish its terms with 'curtail programme publish'; see 'curtail programme list'",
                status: .notFound)
        case .noTerms:
            self.init(
                "No terms were published and valid when the event was called.",
                hint: "terms never reach back; see 'curtail programme list'", status: .refused)
        case .noMeters(let event):
            self.init(
                "No meter is behind the VENs of \(event.rawValue).",
                hint: "put meters behind them with 'curtail programme enrol --ven'",
                status: .refused)
        case .closed(let event, let since):
            self.init(
                "\(event.rawValue) is final, and corrections were booked until \(since).",
                hint: "the terms' resettlementDays say how long", status: .refused)
        }
    }

    /// Why the VTN does not do what an operator wants.
    private init(refusal: OperatorError) {
        let admitted = "see 'curtail cert list'"
        switch refusal {
        case .unknownVEN(let ven):
            self.init("There is no VEN \(ven).", hint: admitted, status: .notFound)
        case .unknownEvent(let event):
            self.init("There is no event \(event).", hint: "see 'curtail event list'", status: .notFound)
        case .eventExists(let event):
            self.init("There is an event \(event) already.", hint: "choose another --id", status: .refused)
        case .eventIsOver(let event):
            self.init("The event \(event) is over.", hint: "see 'curtail event list'", status: .refused)
        case .participantTwice(let ven):
            self.init("The VEN \(ven) is named twice.", hint: "name each VEN once", status: .usage)
        case .certificateInUse(let ven):
            self.init("That certificate belongs to the VEN \(ven).", hint: "issue another one", status: .refused)
        case .notRegistered(let ven):
            self.init("The VEN \(ven) is not registered.", hint: admitted, status: .refused)
        case .notOffered(let report, let ven):
            self.init(
                "The VEN \(ven) does not offer that of \(report).", hint: "see 'curtail report list \(ven)'",
                status: .refused)
        case .unknownReportRequest(let request, let ven):
            self.init(
                "The VEN \(ven) has no report request \(request).", hint: "see 'curtail report list \(ven)'",
                status: .notFound)
        case .takesNoEvents(let ven):
            self.init("The VEN \(ven) registered for reports only.", hint: "name other VENs", status: .refused)
        case .tooLong(let what, let limit):
            self.init("The \(what) is too long.", hint: "keep it to \(limit) characters", status: .usage)
        case .changesThePast(let event):
            self.init(
                "The change of \(event) concerns what has happened.",
                hint: "keep the start and the intervals that have passed", status: .refused)
        case .changedMeanwhile(let event, let number):
            self.init(
                "The event \(event) was changed meanwhile, it is version \(number).", hint: "try again",
                status: .refused)
        case .optedOut(let ven):
            self.init(
                "The VEN \(ven) has opted out of that time.", hint: "choose another time, or see 'curtail event rules'",
                status: .refused)
        case .overlaps(let event, let ven):
            self.init(
                "The VEN \(ven) takes part in \(event) at that time.",
                hint: "choose another time, or see 'curtail event rules'", status: .refused)
        case .unknownResource(let resource, let ven):
            self.init("The VEN \(ven) has no resource \(resource).", hint: admitted, status: .notFound)
        default:
            self.init("The VTN refuses: \(refusal).", hint: "check what was asked for", status: .refused)
        }
    }
}

extension JournalError {
    fileprivate var hint: String {
        switch self {
        case .file: "check the disk and the rights of the folder given by --state"
        case .inUse: "stop the other one, or give this one another folder with --state"
        case .foreign: "choose another folder with --state"
        case .damaged, .unreadable:
            "restore the file from a backup, or move it away: the VEN then registers anew and asks for its events"
        }
    }
}
