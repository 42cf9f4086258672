package dev.tally.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Every rule holds for the build's classes, and every rule fires on a violation that is planted for it. */
class RulesTest {

    /**
     * Where the machine's own clock, randomness and waiting are handed in. A class that is listed here does nothing
     * else; services' main classes and samples hand them on through Spring.
     */
    static final Set<String> EDGES = Set.of(
            "dev.tally.broker.env.SystemClock",
            "dev.tally.boot.ProcessEdges",
            "dev.tally.consume.dispatch.DispatchEdges",
            "dev.tally.sample.demo.time.SystemPacing",
            "dev.tally.benchmarks.time.SystemTiming");

    private static final JavaClasses BUILD = Modules.classes();

    @Test
    void everyModuleOfTheBuildIsRead() throws IOException {
        assertThat(Modules.folders()).containsExactlyInAnyOrderElementsOf(Modules.MAY_USE.keySet());
        Set<String> read =
                BUILD.stream().flatMap(type -> Modules.of(type).stream()).collect(java.util.stream.Collectors.toSet());
        assertThat(read).containsExactlyInAnyOrderElementsOf(Modules.MAY_USE.keySet());
    }

    @Nested
    class HoldForTheBuild {

        @Test
        void noPackageCycles() {
            Rules.noPackageCycles().check(BUILD);
        }

        @Test
        void modulesOneWay() {
            Rules.modulesOneWay(Modules::of, Modules.MAY_USE).check(BUILD);
        }

        @Test
        void noBootOutsideStarterAndSamples() {
            Rules.noBootOutside(Modules::of, Modules.BOOT).check(BUILD);
        }

        @Test
        void noDirectClockSleepOrRandom() {
            Rules.noDirectClockSleepOrRandom(EDGES).check(BUILD);
        }

        @Test
        void noInternalTypesInPublicSignatures() {
            Rules.noInternalTypesInPublicSignatures().check(BUILD);
        }

        @Test
        void noBareExceptions() {
            Rules.noBareExceptions().check(BUILD);
        }
    }

    @Nested
    class FireOnPlantedViolations {

        private static final String PLANTED = "dev.tally.architecture.planted.";

        private final Function<JavaClass, Optional<String>> moduleOf =
                type -> type.getPackageName().startsWith(PLANTED)
                        ? Optional.of(type.getPackageName().substring(PLANTED.length()))
                        : Optional.empty();

        @Test
        void packageCycle() {
            assertThat(violations(Rules.noPackageCycles(), "cyclea", "cycleb"))
                    .contains("Cycle detected")
                    .contains("planted.cyclea")
                    .contains("planted.cycleb");
        }

        @Test
        void moduleThatUsesOneItMustNotUse() {
            Map<String, Set<String>> mayUse = Map.of("cyclea", Set.of("cycleb"), "cycleb", Set.of());
            assertThat(violations(Rules.modulesOneWay(moduleOf, mayUse), "cyclea", "cycleb"))
                    .contains("module cycleb must not use cyclea")
                    .doesNotContain("module cyclea must not use");
        }

        @Test
        void bootInALibraryModule() {
            assertThat(violations(Rules.noBootOutside(moduleOf, Set.of("starter")), "boot"))
                    .contains("UsesBoot")
                    .contains("org.springframework.boot");
        }

        @Test
        void directClockSleepAndRandom() {
            assertThat(violations(Rules.noDirectClockSleepOrRandom(Set.of()), "clock"))
                    .contains("Instant.now()")
                    .contains("System.currentTimeMillis()")
                    .contains("System.nanoTime()")
                    .contains("Thread.sleep(long)")
                    .contains("Math.random()")
                    .contains("UUID.randomUUID()")
                    .contains("InstantSource.system()");
            assertThat(Rules.noDirectClockSleepOrRandom(Set.of(PLANTED + "clock.ReadsTheMachine"))
                            .evaluate(planted("clock"))
                            .hasViolation())
                    .as("an edge that is named may")
                    .isFalse();
        }

        @Test
        void internalTypeInAPublicSignature() {
            assertThat(violations(Rules.noInternalTypesInPublicSignatures(), "signature", "signature.internal"))
                    .contains("ShowsInternal.returned()")
                    .contains("ShowsInternal.taken(")
                    .contains("ShowsInternal.field")
                    .doesNotContain("hidden");
        }

        @Test
        void bareException() {
            assertThat(violations(Rules.noBareExceptions(), "bare"))
                    .contains("ThrowsBare.fail()")
                    .doesNotContain("Named");
        }

        private JavaClasses planted(String... packages) {
            String[] names = java.util.Arrays.stream(packages)
                    .map(name -> PLANTED + name)
                    .toArray(String[]::new);
            return new ClassFileImporter().importPackages(names);
        }

        private String violations(ArchRule rule, String... packages) {
            return rule.evaluate(planted(packages)).getFailureReport().toString();
        }
    }
}
