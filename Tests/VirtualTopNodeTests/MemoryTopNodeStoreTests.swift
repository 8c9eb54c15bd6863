import Testing
import TopNodeTesting

@Suite struct MemoryTopNodeStoreTests {
    @Test func `the store of the tests keeps the contract`() async throws {
        #expect(try await TopNodeStoreContract.violations(of: MemoryTopNodeStore()) == [])
    }
}
