package dev.tally.sample.demo.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the programs are.
 *
 * @param java the {@code java} to start them with
 * @param broker the broker's jar
 * @param orderService the order service's jar
 * @param stockService the stock service's jar
 * @since 0.1
 */
public record Installation(Path java, Path broker, Path orderService, Path stockService) {

    /** The programs built under {@code home}, the project's root. */
    public static Installation under(Path home, Path javaHome) throws ProcessFailedException {
        return new Installation(
                javaHome.resolve("bin").resolve("java"),
                jar(home.resolve("broker/target"), "tally-broker.jar"),
                jar(home.resolve("sample-order-service/target"), "-app.jar"),
                jar(home.resolve("sample-stock-service/target"), "-app.jar"));
    }

    private static Path jar(Path directory, String ending) throws ProcessFailedException {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> found = files.filter(
                            file -> file.getFileName().toString().endsWith(ending))
                    .toList();
            if (found.size() == 1) {
                return found.get(0);
            }
            throw new ProcessFailedException("Expected one *" + ending + " in " + directory + ", found " + found.size()
                    + "; build it with: mvn -DskipTests package");
        } catch (IOException unreadable) {
            throw new ProcessFailedException(
                    "There is no " + directory + " to take *" + ending
                            + " from; build it with: mvn -DskipTests package",
                    unreadable);
        }
    }
}
