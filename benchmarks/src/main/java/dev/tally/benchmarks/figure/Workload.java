package dev.tally.benchmarks.figure;

import java.util.List;
import java.util.regex.Pattern;

/**
 * What is measured, and by whom. The first contender is ours; ratios are its figures over those of each other one.
 *
 * @param name as in the figures; lower case, no commas
 */
public record Workload(String name, List<Trial> trials) {

    /** The same with those contenders only whose name matches a pattern, as {@link #matches} does it. */
    public Workload with(String contenders) {
        return new Workload(
                name,
                trials.stream()
                        .filter(trial -> matches(trial.contender(), contenders))
                        .toList());
    }

    /** Whether the name matches a pattern in which {@code *} stands for anything. */
    public boolean matches(String pattern) {
        return matches(name, pattern);
    }

    private static boolean matches(String text, String pattern) {
        String regex = Pattern.quote(pattern).replace("*", "\\E.*\\Q");
        return text.matches(regex);
    }
}
