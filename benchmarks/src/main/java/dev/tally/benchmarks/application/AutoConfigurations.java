package dev.tally.benchmarks.application;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.annotation.ImportCandidates;

/** All contenders are on one class path; each gets Spring Boot's auto-configurations and its own, and no other's. */
public final class AutoConfigurations {

    /** Where ours are. */
    public static final String TALLY = "dev.tally.";

    /** Where rocketmq-spring's are. */
    public static final String ROCKETMQ_SPRING = "org.apache.rocketmq.spring.";

    private static final String SPRING_BOOT = "org.springframework.boot.";

    private AutoConfigurations() {}

    /** The argument of an application that leaves out those which are not below such packages, nor Spring Boot's. */
    public static String only(String... packages) {
        List<String> kept = new ArrayList<>(Arrays.asList(packages));
        kept.add(SPRING_BOOT);
        List<String> left = new ArrayList<>();
        for (String candidate :
                ImportCandidates.load(AutoConfiguration.class, AutoConfigurations.class.getClassLoader())) {
            if (kept.stream().noneMatch(candidate::startsWith)) {
                left.add(candidate);
            }
        }
        return "--spring.autoconfigure.exclude=" + String.join(",", left);
    }
}
