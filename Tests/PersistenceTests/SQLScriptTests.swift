import Testing

@testable import Persistence

@Suite struct SQLScriptTests {
    @Test func `statements are cut at semicolons and know their line`() {
        let script = SQLScript("SELECT 1;\n\n  SELECT 2\n  FROM t ;\n")
        #expect(script.statements.map(\.text) == ["SELECT 1", "SELECT 2\n  FROM t"])
        #expect(script.statements.map(\.line) == [1, 3])
        #expect(script.statements.map(\.title) == ["SELECT 1", "SELECT 2"])
    }

    @Test func `a semicolon in quotes or in a comment cuts nothing`() {
        let script = SQLScript(
            """
            -- first; comment
            SELECT 'a;b', "c;d", `e;f`, 'it''s; ok', 'back\\'; slash'; # another; one
            SELECT /* in; side */ 2 -- and; here
            """)
        #expect(
            script.statements.map(\.text) == [
                #"SELECT 'a;b', "c;d", `e;f`, 'it''s; ok', 'back\'; slash'"#, "SELECT /* in; side */ 2",
            ])
    }

    @Test func `DELIMITER changes what ends a statement`() {
        let script = SQLScript("DELIMITER //\nCREATE TRIGGER t BEGIN a; b; END //\nDELIMITER ;\nSELECT 1;")
        #expect(script.statements.map(\.text) == ["CREATE TRIGGER t BEGIN a; b; END", "SELECT 1"])
    }

    @Test(arguments: ["", " \n", "-- only a comment", ";;;", "'open", "/* open", "DELIMITER "])
    func `text without an end does no harm`(text: String) {
        #expect(SQLScript(text).statements.count <= 1)
    }
}
