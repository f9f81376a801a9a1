// Stands in for MathJax, which the front end would fetch from another server: formulas stay text.
window.MathJax = { Hub: { Config() {}, Configured() {}, Queue() {}, Register: { StartupHook() {} } } };
