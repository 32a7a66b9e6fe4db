"""SciPy's functions on values that are being differentiated, under SciPy's module names.

Import a module of it as SciPy's is imported: ``from autodiff.scipy import special`` or
``import autodiff.scipy.stats as stats``. Values come from SciPy, an optional extra
(``pip install 'crossdiff[special]'``), which is loaded when the first of them is needed.
"""
