/**
 * TypeScript wraps each ES5 class in a function that is called at once. On the board that costs a scope which every
 * method keeps and searches first; without inheritance nothing needs it, so the class's statements move up a level.
 */
import ts from "typescript";

export const flattenClasses: ts.TransformerFactory<ts.SourceFile> = () => (file) => {
  if (!file.statements.some((statement) => wrapped(statement))) return file;
  return ts.factory.updateSourceFile(
    file,
    file.statements.flatMap((statement) => {
      const body = wrapped(statement);
      if (!body) return [statement];
      return body.filter((inner) => !ts.isReturnStatement(inner));
    }),
  );
};

/** The statements of `var X = (function () { function X() {} ... return X; }())`, if it is that. */
function wrapped(statement: ts.Statement): readonly ts.Statement[] | undefined {
  if (!ts.isVariableStatement(statement)) return undefined;
  const [declaration, second] = statement.declarationList.declarations;
  if (!declaration?.initializer || second || !ts.isIdentifier(declaration.name)) return undefined;
  const call = unwrap(declaration.initializer);
  if (!ts.isCallExpression(call) || call.arguments.length > 0) return undefined;
  const maker = unwrap(call.expression);
  if (!ts.isFunctionExpression(maker) || maker.parameters.length > 0) return undefined;
  const { statements } = maker.body;
  const last = statements[statements.length - 1];
  if (!last || !ts.isReturnStatement(last) || !last.expression) return undefined;
  const name = declaration.name.text;
  const returned = unwrap(last.expression);
  return ts.isIdentifier(returned) && returned.text === name ? statements : undefined;
}

function unwrap(expression: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(expression) || ts.isPartiallyEmittedExpression(expression)
    ? unwrap(expression.expression)
    : expression;
}
