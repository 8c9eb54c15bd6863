import CJemalloc

/// The memory of the process comes from jemalloc, which is linked in place of the C library's allocator: a handshake asks for
/// memory hundreds of times, and a VTN with thousands of connections does little else.
enum MemoryHeaps {
    /// Lets threads of jemalloc's own give back to the system what is not used any more; without them that only happens when
    /// somebody asks for more.
    static func giveBackWhenIdle() {
        var isWanted = true
        let status = mallctl("background_thread", nil, nil, &isWanted, MemoryLayout<Bool>.size)
        assert(status == 0, "jemalloc is there, and takes this")
    }
}
