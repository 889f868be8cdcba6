
6
inputPlaceholder*
dtype0*
shape
:

beforeReluinput*
T0

oddLgammabefore*
T0

afterTanhodd*
T0"ª