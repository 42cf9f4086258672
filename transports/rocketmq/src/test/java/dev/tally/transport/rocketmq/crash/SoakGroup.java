package dev.tally.transport.rocketmq.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.testkit.ChildJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The members of the group, each a process. */
final class SoakGroup implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Launcher launcher;
    private final List<String> arguments;
    private final List<ChildJvm> members = new ArrayList<>();
    private long duplicatesOfTheGone;
    private long failuresOfTheGone;
    private int measured;

    SoakGroup(Launcher launcher, int size, String url, String nameServer, Mutant mutant) {
        this.launcher = launcher;
        this.arguments = List.of(url, nameServer, mutant.name());
        for (int place = 0; place < size; place++) {
            members.add(launch(place));
        }
    }

    private ChildJvm launch(int place) {
        List<String> all = new ArrayList<>(arguments);
        all.add(0, "member-" + place);
        return launcher.start("soak-member", "128m", SoakMember.class, SoakMember.READY, all);
    }

    void awaitReady() {
        members.forEach(ChildJvm::awaitReady);
    }

    void kill(int place) {
        ChildJvm gone = members.get(place);
        gone.close();
        duplicatesOfTheGone += count(gone, 1);
        failuresOfTheGone += count(gone, 2);
    }

    /** It leaves in order, with what it has begun. */
    void sendAway(int place) {
        ChildJvm member = members.get(place).awaitReady();
        member.tell("leave");
        member.awaitEnd();
        kill(place);
    }

    void startAgain(int place) {
        members.set(place, launch(place));
    }

    long pid(int place) {
        return members.get(place).pid();
    }

    /** Deliveries that were known already, so far; those of the killed up to shortly before. */
    long duplicates() {
        return duplicatesOfTheGone
                + members.stream().mapToLong(member -> count(member, 1)).sum();
    }

    /** Handlings that failed, so far. */
    long failures() {
        return failuresOfTheGone
                + members.stream().mapToLong(member -> count(member, 2)).sum();
    }

    private static long count(ChildJvm member, int column) {
        return member.output().stream()
                .filter(line -> line.startsWith(SoakMember.COUNTS))
                .reduce((first, second) -> second)
                .map(line -> Long.parseLong(
                        line.substring(SoakMember.COUNTS.length()).split(" ")[column]))
                .orElse(0L);
    }

    /** Bytes of a member's heap that are in use after a collection. */
    long heapBytes(int place) {
        String token = Integer.toString(measured++);
        ChildJvm member = members.get(place);
        member.tell("measure " + token);
        String answer = member.awaitLine(line -> line.startsWith(SoakMember.MEMORY + token + ' '), PATIENCE);
        return Long.parseLong(answer.substring((SoakMember.MEMORY + token + ' ').length()));
    }

    /** Resident memory of a member, in bytes. */
    long residentBytes(int place) {
        try {
            String line = Files.readAllLines(Path.of("/proc", Long.toString(pid(place)), "status")).stream()
                    .filter(each -> each.startsWith("VmRSS:"))
                    .findFirst()
                    .orElseThrow();
            return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the memory of member " + place, e);
        }
    }

    /** Sends a signal. */
    static void signal(String signal, long pid) {
        try {
            Process kill = new ProcessBuilder("kill", signal, Long.toString(pid))
                    .inheritIO()
                    .start();
            assertThat(kill.waitFor()).as("kill %s %s", signal, pid).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot signal process " + pid, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        members.forEach(ChildJvm::close);
    }
}
