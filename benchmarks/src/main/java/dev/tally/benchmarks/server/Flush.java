package dev.tally.benchmarks.server;

/** What an acknowledgement means. */
public enum Flush {
    /** The message is on the disk. */
    SYNC("sync"),
    /** The broker's process has it, or the operating system; it is written to the disk soon. */
    ASYNC("async");

    private final String label;

    Flush(String label) {
        this.label = label;
    }

    /** In names of workloads and on command lines. */
    public String label() {
        return label;
    }
}
