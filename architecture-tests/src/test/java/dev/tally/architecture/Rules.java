package dev.tally.architecture;

import static com.tngtech.archunit.lang.SimpleConditionEvent.violated;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitCallTarget;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.time.Clock;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/** The rules of the house that the compiler cannot check. Each is proven by a planted violation in {@link RulesTest}. */
final class Rules {

    private static final Set<String> TIME_TYPES_WITH_NOW = Set.of(
            "java.time.Instant",
            "java.time.LocalDate",
            "java.time.LocalTime",
            "java.time.LocalDateTime",
            "java.time.OffsetDateTime",
            "java.time.ZonedDateTime");

    private Rules() {}

    /** Each package is a slice of its own; no two may need each other, directly or by a detour. */
    static ArchRule noPackageCycles() {
        return slices().assignedFrom(new SliceAssignment() {
                    @Override
                    public SliceIdentifier getIdentifierOf(JavaClass type) {
                        return SliceIdentifier.of(type.getPackageName());
                    }

                    @Override
                    public String getDescription() {
                        return "packages";
                    }
                })
                .should()
                .beFreeOfCycles();
    }

    /** Modules use only what they may use, see {@link Modules#MAY_USE}. */
    static ArchRule modulesOneWay(Function<JavaClass, Optional<String>> moduleOf, Map<String, Set<String>> mayUse) {
        return classes().should(new ArchCondition<>("use only the modules that theirs may use") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                String module = moduleOf.apply(type).orElse("");
                for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                    Optional<String> target = moduleOf.apply(dependency.getTargetClass());
                    if (target.isPresent()
                            && !target.get().equals(module)
                            && !mayUse.getOrDefault(module, Set.of()).contains(target.get())) {
                        events.add(violated(
                                dependency,
                                "module " + module + " must not use " + target.get() + ": "
                                        + dependency.getDescription()));
                    }
                }
            }
        });
    }

    /** Spring Boot is for the starter, the samples and the benchmarks. */
    static ArchRule noBootOutside(Function<JavaClass, Optional<String>> moduleOf, Set<String> allowed) {
        DescribedPredicate<JavaClass> elsewhere =
                DescribedPredicate.describe("are outside of " + allowed, type -> moduleOf.apply(type)
                        .map(module -> !allowed.contains(module))
                        .orElse(false));
        return noClasses()
                .that(elsewhere)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.springframework.boot..")
                .allowEmptyShould(true);
    }

    /** Time, waiting and chance come from outside, so that tests can move them. */
    static ArchRule noDirectClockSleepOrRandom(Set<String> edges) {
        DescribedPredicate<JavaCall<?>> direct =
                DescribedPredicate.describe("a clock, sleep or random of the machine", Rules::isDirect);
        DescribedPredicate<JavaClass> notAnEdge = DescribedPredicate.describe(
                "are not one of the edges where the machine's own are handed in",
                type -> !edges.contains(outermost(type).getName()));
        return noClasses().that(notAnEdge).should().callCodeUnitWhere(direct).allowEmptyShould(true);
    }

    private static JavaClass outermost(JavaClass type) {
        JavaClass outer = type;
        while (outer.getEnclosingClass().isPresent()) {
            outer = outer.getEnclosingClass().get();
        }
        return outer;
    }

    private static boolean isDirect(JavaCall<?> call) {
        CodeUnitCallTarget target = call.getTarget();
        JavaClass owner = target.getOwner();
        String name = target.getName();
        int parameters = target.getRawParameterTypes().size();
        if (owner.isEquivalentTo(System.class)) {
            return name.equals("currentTimeMillis") || name.equals("nanoTime");
        }
        if (owner.isEquivalentTo(Thread.class) || owner.isEquivalentTo(TimeUnit.class)) {
            return name.equals("sleep");
        }
        if (owner.isEquivalentTo(Math.class)) {
            return name.equals("random");
        }
        if (owner.isEquivalentTo(Random.class)) {
            return name.equals("<init>") && parameters == 0;
        }
        if (owner.isEquivalentTo(ThreadLocalRandom.class)) {
            return name.equals("current");
        }
        if (owner.isEquivalentTo(java.util.UUID.class)) {
            return name.equals("randomUUID");
        }
        if (owner.isEquivalentTo(InstantSource.class) || owner.isEquivalentTo(Clock.class)) {
            return name.startsWith("system") || name.startsWith("tick");
        }
        return TIME_TYPES_WITH_NOW.contains(owner.getName()) && name.equals("now") && parameters == 0;
    }

    /** What lies in an {@code internal} package is nobody else's business, so no public signature shows it. */
    static ArchRule noInternalTypesInPublicSignatures() {
        return classes().should(new ArchCondition<>("not show internal types in public signatures") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                if (isInternal(type) || !type.getModifiers().contains(JavaModifier.PUBLIC)) {
                    return;
                }
                Stream.concat(type.getRawSuperclass().stream(), type.getRawInterfaces().stream())
                        .filter(Rules::isInternal)
                        .forEach(shown -> events.add(violated(type, type.getName() + " extends " + shown.getName())));
                for (JavaMember member : type.getMembers()) {
                    if (isVisible(member)) {
                        shownBy(member)
                                .filter(Rules::isInternal)
                                .forEach(shown -> events.add(
                                        violated(member, member.getFullName() + " shows " + shown.getName())));
                    }
                }
            }
        });
    }

    private static boolean isInternal(JavaClass type) {
        return ("." + type.getBaseComponentType().getPackageName() + ".").contains(".internal.");
    }

    private static boolean isVisible(JavaMember member) {
        return member.getModifiers().contains(JavaModifier.PUBLIC)
                || member.getModifiers().contains(JavaModifier.PROTECTED);
    }

    private static Stream<JavaClass> shownBy(JavaMember member) {
        if (member instanceof JavaField field) {
            return field.getType().getAllInvolvedRawTypes().stream();
        }
        JavaCodeUnit unit = (JavaCodeUnit) member;
        return Stream.of(
                        unit.getReturnType().getAllInvolvedRawTypes().stream(),
                        unit.getParameterTypes().stream().flatMap(type -> type.getAllInvolvedRawTypes().stream()),
                        unit.getThrowsClause().getTypes().stream())
                .flatMap(Function.identity());
    }

    /** An exception names what the caller can decide; the bare ones name nothing. Subclasses may call their super. */
    static ArchRule noBareExceptions() {
        return noClasses()
                .that()
                .areNotAssignableTo(Throwable.class)
                .should()
                .callConstructorWhere(DescribedPredicate.describe(
                        "a bare exception is created",
                        call -> call.getTargetOwner().isEquivalentTo(RuntimeException.class)
                                || call.getTargetOwner().isEquivalentTo(Exception.class)
                                || call.getTargetOwner().isEquivalentTo(Error.class)
                                || call.getTargetOwner().isEquivalentTo(Throwable.class)));
    }
}
