package dev.tally.broker.conformity;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/** Runs a test on each target; a target is started by the first test that needs it and closed at the end of the run. */
final class EachTarget implements TestTemplateInvocationContextProvider {

    private static final Namespace NAMESPACE = Namespace.create(EachTarget.class);

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return true;
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        return Targets.names().stream().map(On::new);
    }

    private record On(String target) implements TestTemplateInvocationContext {

        @Override
        public String getDisplayName(int index) {
            return "on " + target;
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(new OpenTrial(target));
        }
    }

    private record OpenTrial(String target) implements ParameterResolver, AfterEachCallback {

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Trial.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            Target started =
                    context.getRoot().getStore(NAMESPACE).computeIfAbsent(target, Targets::start, Target.class);
            Trial trial = new Trial(started, context.getRequiredTestMethod().getName());
            context.getStore(NAMESPACE).put(Trial.class, trial);
            return trial;
        }

        @Override
        public void afterEach(ExtensionContext context) {
            Trial trial = context.getStore(NAMESPACE).remove(Trial.class, Trial.class);
            if (trial != null) {
                trial.close();
            }
        }
    }
}
