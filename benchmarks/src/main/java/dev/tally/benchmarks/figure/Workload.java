package dev.tally.benchmarks.figure;

import java.util.List;
import java.util.regex.Pattern;

/**
 * What is measured, and by whom. The first contender is ours; ratios are its figures over those of each other one.
 *
 * @param name as in the figures; lower case, no commas
 */
public record Workload(String name, List<Trial> trials) {

    /** Whether the name matches a pattern in which {@code *} stands for anything. */
    public boolean matches(String pattern) {
        String regex = Pattern.quote(pattern).replace("*", "\\E.*\\Q");
        return name.matches(regex);
    }
}
