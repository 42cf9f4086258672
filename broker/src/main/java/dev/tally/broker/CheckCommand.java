package dev.tally.broker;

import dev.tally.broker.engine.StoreTools;
import dev.tally.broker.env.FileSystemDisk;
import dev.tally.broker.env.SystemClock;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Verifies the data of a stopped broker and writes nothing. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = "Verify the data of a stopped broker; writes nothing. Exit code 0: whole, 1: damaged.")
final class CheckCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "The data directory.")
    private @Nullable Path data;

    @Override
    public Integer call() throws IOException {
        StoreTools tools = new StoreTools(new FileSystemDisk(), new SystemClock(), new SecureRandom());
        StoreTools.Check found = tools.check(Objects.requireNonNull(data));
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        out.println("log: " + found.log().segments() + " segments, positions "
                + found.log().start() + " to " + found.log().end() + ", epoch "
                + found.log().epoch());
        found.log().records().forEach((kind, count) -> out.println("records: " + kind + " " + count));
        out.println("state: " + found.topics() + " topics, " + found.messages() + " messages, " + found.undecided()
                + " undecided, " + found.parked() + " parked, " + found.scheduled() + " scheduled");
        if (found.log().tornBytes() > 0) {
            out.println("torn tail: " + found.log().tornBytes()
                    + " bytes that nobody was promised; the next start clears them");
        }
        if (found.log().skipped() > 0) {
            out.println("skipped: " + found.log().skipped() + " records that refer to lost ones");
        }
        found.notes().forEach(note -> out.println("note: " + note));
        found.log().damage().forEach(damage -> out.println("DAMAGED: " + damage));
        out.println(found.whole() ? "whole" : "damaged: a start is refused");
        out.flush();
        return found.whole() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }
}
